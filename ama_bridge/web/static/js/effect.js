/** What a suggestion brings: a signed bar to the left (nearer) or to the right (further), and how sure AMA is. */

import { h, say } from "./dom.js";
import { effectInWords, number, signed, sureness } from "./words.js";

const MEASURED = "rendered and measured";
const FORETOLD = "computed from the measured spectra";

/** Return `{element, update(before, most)}`: the distance before the plan, and the largest change of any of its suggestions. */
export function effectOf({ effect, confidence }) {
  const fill = h("i");
  const words = h("span", { class: "effect-words" });
  const bar = h("div", { class: "effect-bar", "aria-hidden": "true" }, fill);
  const marked = effect?.marked
    ? h(
        "span",
        {
          class: "mark",
          title: "By itself it does not bring the mix nearer; what it is for stands in its reason.",
        },
        "for another reason",
      )
    : null;
  const doubt = effect?.disputed ? h("span", { class: "doubt" }, "in doubt") : null;
  const sure = h(
    "span",
    { class: "sure", title: `${Math.round(confidence * 100)} % confidence` },
    h("i", { "aria-hidden": "true" }),
    `${sureness(confidence)} (${Math.round(confidence * 100)} %)`,
  );
  sure.firstChild.style.setProperty("--share", confidence);
  return {
    element: h("div", { class: "effect" }, h("div", { class: "effect-line" }, words, marked, doubt), bar, sure),
    update(before, most) {
      const delta = effect?.distance_delta ?? 0;
      say(words, effectInWords(effect, before));
      words.dataset.way = words.textContent.endsWith("nearer")
        ? "nearer"
        : words.textContent.endsWith("further")
          ? "further"
          : "";
      words.title = effect
        ? `Distance ${signed(delta, 5)}, tonal balance ${signed(effect.tonal_delta_db, 2)} dB, ${effect.predicted ? FORETOLD : MEASURED}${checked(effect)}`
        : "";
      if (doubt)
        doubt.title = `Computed for the whole mix; rendered, its loudest ${number(effect.excerpt_s, 0)} s come to: ${effectInWords({ distance_delta: effect.checked_delta }, before)}.`;
      const share = words.dataset.way ? (Math.min(1, Math.abs(delta) / most) * 50).toFixed(1) : 0;
      fill.style.width = `${share}%`;
      fill.className = delta < 0 ? "nearer" : "further";
    },
  };
}

function checked({ checked_delta, excerpt_s }) {
  return checked_delta === null || checked_delta === undefined
    ? ""
    : `; a render of ${number(excerpt_s, 0)} s says ${signed(checked_delta, 5)}`;
}
