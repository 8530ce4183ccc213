// Runs once, as the on-load script of the gallery.

// 1. The press of a card becomes the event "select", that of the button below the cards the event "input".
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

// 2. The example that is on the page is marked, whether the page or the gallery has changed.
function markExample() {
  const shown = document.querySelector("#flip-rankings [data-set]")?.dataset.set;
  for (const card of element.querySelectorAll("[data-example]")) {
    card.setAttribute("aria-current", String(card.dataset.example === shown));
  }
}

document.addEventListener("flip-shown", markExample);
watch("value", () => requestAnimationFrame(markExample));
