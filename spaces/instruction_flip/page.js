// Two things that HTML alone does not give. Runs once, as the on-load script of the rankings.

// 1. Gradio names every radio button differently; one name a group makes the arrow keys work.
function groupRadios() {
  for (const id of ["flip-switch", "flip-tab"]) {
    const group = document.getElementById(id);
    group?.setAttribute("role", "radiogroup");
    group?.setAttribute("aria-label", id === "flip-switch" ? "Instruction" : "Model to show");
    for (const input of group?.querySelectorAll("input") ?? []) {
      input.name = id;
    }
  }
}

// 2. Cards slide from where they were to where they are (300 ms), unless the reader prefers no motion.
const still = matchMedia("(prefers-reduced-motion: reduce)");
let places = new Map();

function slide() {
  const now = new Map();
  for (const card of element.querySelectorAll(".flip-card")) {
    const key = card.dataset.key;
    now.set(key, card.offsetTop);
    const shift = (places.get(key) ?? card.offsetTop) - card.offsetTop;
    if (shift && card.offsetParent && !still.matches) {
      card.animate(
        [{ transform: `translateY(${shift}px)` }, { transform: "none" }],
        { duration: 300, easing: "cubic-bezier(0.2, 0, 0, 1)" },
      );
    }
  }
  places = now;
}

watch("value", () => {
  slide();
  requestAnimationFrame(groupRadios);
});
requestAnimationFrame(groupRadios);
