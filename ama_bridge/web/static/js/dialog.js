/** A dialog: a title, a body, a way out; Escape and a click beside it close it, and the focus goes back to where it was. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Return a `<dialog>` that is in the page; `side` lets it stand at the right edge. */
export function dialogOf({ id, title, side = false, body }) {
  const heading = h("h2", { id: `${id}-title`, tabindex: -1, autofocus: true }, title);
  const close = h(
    "button",
    { type: "button", class: "tool", title: "Close (Escape)", "aria-label": "Close", on: { click: () => element.close() } },
    icon("remove"),
  );
  const element = h(
    "dialog",
    { id, class: side ? "drawer" : "", "aria-labelledby": `${id}-title` },
    h("div", { class: "dialog-head" }, heading, close),
    body,
  );
  element.addEventListener("pointerdown", (event) => {
    if (event.target === element && isOutside(event, element.getBoundingClientRect())) element.close();
  });
  document.body.append(element);
  return element;
}

function isOutside({ clientX, clientY }, box) {
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
