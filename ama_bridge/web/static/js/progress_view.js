/** A bar with the stage in words and Cancel; keeps its place while it waits. */

import { stageInWords } from "./audition.js";
import { h, say } from "./dom.js";

/** Return `{element, update}`; `onCancel` gets the job's id. */
export function progressView({ label, onCancel }) {
  let id = null;
  const fill = h("div", { class: "bar-fill" });
  const bar = h(
    "div",
    { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 },
    fill,
  );
  const stage = h("span", { class: "stage" });
  const percent = h("span", { class: "percent" });
  const cancel = h("button", { type: "button", class: "small", on: { click: () => onCancel(id) } }, "Cancel");
  const element = h(
    "div",
    { class: "progress", hidden: true },
    bar,
    h("div", { class: "progress-line" }, stage, percent, cancel),
  );
  return {
    element,
    update(job) {
      id = job.id;
      const share = Math.round(job.fraction * 100);
      fill.style.width = `${share}%`;
      bar.setAttribute("aria-valuenow", share);
      const told = job.state === "queued" ? "waiting for other work" : stageInWords(job.stage);
      bar.setAttribute("aria-valuetext", `${share} percent, ${told}`);
      say(stage, told);
      say(percent, `${share} %`);
    },
  };
}
