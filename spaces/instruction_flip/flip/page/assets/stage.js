// Behaviour that HTML alone does not offer. Runs once, as the on-load script of the rankings.

// 1. Gradio gives every radio button its own name; one name per group makes the arrow keys work.
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

// 2. Cards slide from their old to their new place (300 ms), unless the reader prefers reduced motion.
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

// 3. The address holds the state of the page, so that it can be copied and opened again. On the Hub the page is
//    inside a frame, and the parent page gets the address too.
function writeAddress() {
  const link = element.querySelector("[data-link]")?.dataset.link;
  if (link === undefined) {
    return;
  }
  const hash = link && `#${link}`;
  history.replaceState(history.state, "", `${location.pathname}${location.search}${hash}`);
  if (window.parent !== window) {
    window.parent.postMessage({ hash }, "https://huggingface.co");
  }
}

// A link pasted into the address of an open page changes only the part after the #.
window.addEventListener("hashchange", () => location.reload());

// 4. The button in the notes copies a link; if the browser does not allow this, the link is selected. The query
//    of the address is left out, as on the Hub it may hold a private Space's signature, a key to the Space. There
//    the link leads to the Space's page, which asks for a login instead.
function shareLink(button) {
  const page = button.dataset.page || `${location.origin}${location.pathname}`;
  return `${page}#${element.querySelector("[data-link]")?.dataset.link ?? ""}`;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(".flip-copy");
  if (!button) {
    return;
  }
  const status = button.parentElement.querySelector(".flip-copied");
  try {
    await navigator.clipboard.writeText(shareLink(button));
    status.textContent = "Copied";
  } catch {
    const field = document.createElement("input");
    field.readOnly = true;
    field.value = shareLink(button);
    field.setAttribute("aria-label", "Link to this view");
    status.replaceChildren(field);
    field.select();
  }
});

function settle() {
  slide();
  writeAddress();
  requestAnimationFrame(() => {
    groupRadios();
    document.dispatchEvent(new Event("flip-shown"));
  });
}

watch("value", settle);
requestAnimationFrame(groupRadios);
