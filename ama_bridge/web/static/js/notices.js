/** Short notices above the player: something came that is shown nowhere else. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Return `tell({id, text, action, onAction})`; a notice of the same id takes the older one's place. */
export function noticesIn(root) {
  return function tell({ id, text, action, onAction }) {
    root.querySelector(`[data-notice="${CSS.escape(id)}"]`)?.remove();
    if (!text) return;
    const close = () => notice.remove();
    const take = () => {
      close();
      onAction();
    };
    const notice = h(
      "div",
      { class: "notice", data: { notice: id } },
      h("span", {}, text),
      action ? h("button", { type: "button", class: "small", on: { click: take } }, action) : null,
      h("button", { type: "button", class: "tool small", "aria-label": "Close", on: { click: close } }, icon("remove")),
    );
    root.append(notice);
  };
}
