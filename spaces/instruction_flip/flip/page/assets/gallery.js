// Runs once, as the on-load script of the gallery, and of the list of what is not yet followed.

// 1. A click on a card becomes the event "select", a click on the button below the cards the event "input".
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

// 2. The current example is marked after every change of the page or the gallery.
function markExample() {
  const shown = document.querySelector("#flip-rankings [data-set]")?.dataset.set;
  for (const card of element.querySelectorAll("[data-example]")) {
    card.setAttribute("aria-current", String(card.dataset.example === shown));
  }
}

// 3. A random example comes into view like a chosen one.
document.addEventListener("click", (event) => {
  if (event.target.closest("#flip-random")) {
    document.getElementById("flip-query")?.scrollIntoView({ block: "start", behavior: "instant" });
  }
});

document.addEventListener("flip-shown", markExample);
watch("value", () => requestAnimationFrame(markExample));
