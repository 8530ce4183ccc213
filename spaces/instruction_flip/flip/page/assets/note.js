// Runs once, as the on-load script of the notes: "Show me a failure" becomes the event "select".
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-failure]")) {
    trigger("select", {});
    document.getElementById("flip-query")?.scrollIntoView({ block: "start", behavior: "instant" });
  }
});
