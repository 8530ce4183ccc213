// Behaviour that HTML alone does not offer. Runs once, as the on-load script of the rankings.

// 1. Gradio gives every radio button its own name; one name per group makes the arrow keys work.
function groupRadios() {
  const group = document.getElementById("flip-switch");
  group?.setAttribute("role", "radiogroup");
  group?.setAttribute("aria-label", "Instruction");
  for (const input of group?.querySelectorAll("input") ?? []) {
    input.name = "flip-switch";
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

// 5. Passages that were opened stay open after a flip.
let opened = { set: "", keys: new Set() };

function openAgain() {
  const pair = element.querySelector("[data-link]");
  const set = `${pair?.dataset.set}`;
  if (opened.set !== set) {
    opened = { set, keys: new Set() };
  }
  for (const card of element.querySelectorAll(".flip-card")) {
    card.querySelector("details").open = opened.keys.has(card.dataset.key);
  }
}

element.addEventListener("toggle", (event) => {
  const card = event.target.closest?.(".flip-full")?.closest(".flip-card");
  if (card) {
    opened.keys[event.target.open ? "add" : "delete"](card.dataset.key);
  }
}, true);

// 6. "Why here?" becomes the event "select"; the answer comes into view.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-why]");
  if (button) {
    trigger("select", { why: button.dataset.why });
    const answer = document.getElementById("flip-why");
    new MutationObserver((changes, observer) => {
      const told = answer.querySelector("section, p");
      if (told) {
        observer.disconnect();
        told.scrollIntoView({ block: "nearest", behavior: "instant" });
      }
    }).observe(answer, { childList: true, subtree: true });
  }
});

// 7. The skip link moves there without changing the address, which holds the state of the page.
document.addEventListener("click", (event) => {
  const skip = event.target.closest?.("[data-skip]");
  if (skip) {
    event.preventDefault();
    const target = document.getElementById(skip.dataset.skip);
    target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "start", behavior: "instant" });
  }
});

function settle() {
  openAgain();
  slide();
  writeAddress();
  requestAnimationFrame(() => {
    groupRadios();
    document.dispatchEvent(new Event("flip-shown"));
  });
}

watch("value", settle);
requestAnimationFrame(groupRadios);
