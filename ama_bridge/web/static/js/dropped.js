/** What was tried on a track and dropped, since it takes the mix away from the target: folded, nothing to decide. */

import { h, keyed, say, show } from "./dom.js";
import { effectInWords, inWords, namesIn, typeset } from "./words.js";

/** Return the part, empty. */
export function droppedPart() {
  return h("details", { class: "dropped", hidden: true }, h("summary"), h("ul"));
}

/** Fill it with what of the plan was dropped. */
export function updateDropped(element, dropped, plan) {
  const [summary, list] = element.children;
  show(element, dropped.length > 0);
  say(summary, `${dropped.length} tried and dropped`);
  keyed(list, dropped, {
    key: ({ id }) => id,
    make: ({ id, kind, values, because, effect }) =>
      h(
        "li",
        { data: { id } },
        h("span", {}, inWords(kind, values, namesIn(plan))),
        h("span", {}, effectInWords(effect, plan.verification?.before ?? 0)),
        h("p", { class: "because" }, typeset(because)),
      ),
    update: () => {},
  });
}
