/** The keyboard's place: where what has the focus is hidden, disabled or taken out, the part of the page around it has it, and not nothing. */

import { show } from "./dom.js";

/** Begin to remember where the focus is; returns what looks after it, to be called when the page has changed. */
export function createFocusKeeper() {
  let at = null;
  let around = [];
  document.addEventListener("focusin", ({ target }) => {
    at = target;
    around = partsAround(target);
  });

  return () => {
    const isLost = at !== null && !canHoldFocus(at) && [document.body, null, at].includes(document.activeElement);
    const part = isLost && around.find((each) => each.checkVisibility());
    if (!part) return;
    if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
    part.focus({ preventScroll: true });
  };
}

/** A skip link moves the focus and leaves the address alone, which names the work; it leads to what is there. */
export function skipLinks(store, links) {
  for (const link of links) {
    const part = document.querySelector(link.hash);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      part.focus();
    });
    store.watch(() => show(link, !part.hidden));
  }
}

function canHoldFocus(element) {
  return element.checkVisibility() && !element.matches(":disabled");
}

/** The parts of the page have ids. */
function partsAround(element) {
  const parts = [];
  for (let each = element.parentElement?.closest("[id]"); each; each = each.parentElement?.closest("[id]")) parts.push(each);
  return parts;
}
