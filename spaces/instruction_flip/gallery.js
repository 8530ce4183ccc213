// Turns the press of a card into the event "select", and that of the button below the cards into "input".
element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-example]");
  if (card) {
    trigger("select", { example: card.dataset.example });
    document.getElementById("flip-query")?.scrollIntoView({ block: "start", behavior: "instant" });
    return;
  }
  const more = event.target.closest("[data-limit]");
  if (more) {
    trigger("input", { limit: more.dataset.limit });
  }
});
