// Runs once, as the on-load script of the scoreboard: a click on a count becomes the event "select".
element.addEventListener("click", (event) => {
  const part = event.target.closest("[data-outcome]");
  if (part) {
    trigger("select", { outcome: part.dataset.outcome });
    document.getElementById("flip-tabs")?.scrollIntoView({ block: "start", behavior: "instant" });
  }
});
