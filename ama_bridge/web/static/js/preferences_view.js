/** What AMA has learned of the user: which fader places and which rules, style by style; and forgetting it. */

import { get, post } from "./api.js";
import { dialogOf } from "./dialog.js";
import { h, say, show } from "./dom.js";
import { showProblem } from "./problem_line.js";
import { number, signed } from "./words.js";

/** Return `{open}`. */
export function preferencesView(store) {
  const content = h("div", { class: "stack" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const forget = h("button", { type: "button", id: "forget", on: { click: askFirst } }, "Forget all of it\u2026");
  const sure = h(
    "div",
    { class: "sure-line", hidden: true },
    h("span", {}, "All that was learned is lost."),
    h("button", { type: "button", class: "danger", id: "forget-now", on: { click: reset } }, "Forget it"),
    h("button", { type: "button", on: { click: () => ask(false) } }, "Keep it"),
  );
  const body = h("div", { class: "stack" }, content, problem, h("div", { class: "dialog-end" }, forget, sure));
  const dialog = dialogOf({ id: "preferences", title: "What AMA has learned of you", body });

  function ask(wanted) {
    show(sure, wanted);
    show(forget, !wanted);
    (wanted ? sure.querySelector("button") : forget).focus();
  }

  function askFirst() {
    ask(true);
  }

  async function guarded(work) {
    try {
      await work();
      showProblem(problem, null);
    } catch (error) {
      showProblem(problem, error);
    }
  }

  const read = () =>
    guarded(async () => {
      const { lessons, learned } = await get("preferences");
      content.replaceChildren(...wordsFor(lessons, learned, store.get().service?.preferences !== false));
      forget.disabled = lessons.length === 0;
    });

  async function reset() {
    await guarded(() => post("preferences/reset"));
    show(sure, false);
    show(forget, true);
    await read();
  }

  return {
    open() {
      show(sure, false);
      show(forget, true);
      dialog.showModal();
      read();
    },
  };
}

function wordsFor(lessons, learned, isOn) {
  const off = isOn ? [] : [h("p", { class: "note" }, "Switched off (AMA_PREFERENCES=off): nothing is learned, nothing is used.")];
  if (lessons.length === 0)
    return [
      ...off,
      h(
        "p",
        {},
        "Nothing yet. AMA learns from what you accept, edit and reject as you say it, forgets what you take back, and says so in the reason of a suggestion that it changed.",
      ),
    ];
  return [
    ...off,
    h("p", { class: "quiet" }, `From ${lessons.length} lesson${lessons.length === 1 ? "" : "s"}. It stays on this machine.`),
    ...Object.entries(learned).map(styleOf),
  ];
}

function styleOf([style, { faders, rules }]) {
  const isSure = Object.keys(faders).length + Object.keys(rules).length > 0;
  return h(
    "section",
    { class: "stack tight" },
    h("h3", {}, style),
    isSure ? null : h("p", { class: "quiet" }, "Not sure of anything yet."),
    Object.keys(faders).length ? table(["Role", "You set it", "Used"], Object.entries(faders).map(faderLine)) : null,
    Object.keys(rules).length ? table(["Rule", "You keep", "Of sessions"], Object.entries(rules).map(ruleLine)) : null,
  );
}

function faderLine([role, { offset_db, spread_db, applied_db }]) {
  return [
    role,
    `${signed(offset_db)} \u00b1 ${number(spread_db)} dB`,
    applied_db ? `${signed(applied_db)} dB` : "not sure enough yet",
  ];
}

function ruleLine([rule, { kept, sessions }]) {
  return [rule.replaceAll("_", " "), `${Math.round(kept * 100)} %`, String(sessions)];
}

function table(heads, rows) {
  return h(
    "table",
    { class: "figures plain-table" },
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((text) => h("td", {}, text)))),
    ),
  );
}
