/** The head of the page: what is shown, undo and redo, the way to Apply, whether AMA answers. */

import { counts } from "./decisions.js";
import { h, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { when } from "./words.js";

const CONNECTION = {
  connecting: "Connecting",
  open: "Connected",
  lost: "AMA does not answer",
};

/** Fill the head; `act` holds what its buttons do. */
export function topView(root, store, act) {
  const plans = h("select", { "aria-label": "Plan", on: { change: () => act.openPlan(plans.value) } });
  const undo = tool("undo", "Undo (Ctrl+Z)", act.undo);
  const redo = tool("redo", "Redo (Ctrl+Shift+Z)", act.redo);
  const apply = h("button", { class: "primary", type: "button", id: "open-apply", on: { click: act.openApply } }, "Apply\u2026");
  const light = h("span", { class: "light", role: "status" }, h("i", { "aria-hidden": "true" }), h("span"));
  const remove = tool("bin", "Remove this plan", () => act.openRemove(store.get().sessionName, store.get().planId));
  const picker = h("div", { class: "plan-picker" }, h("label", {}, h("span", {}, "Plan"), plans), remove);
  root.append(
    h("h1", { class: "brand" }, h("img", { src: "/static/ama.svg", alt: "", width: 26, height: 26 }), "AMA"),
    picker,
    h("div", { class: "tools" }, undo, redo),
    h("div", { class: "spring" }),
    light,
    tool("learned", "What AMA has learned of you", act.openPreferences),
    tool("keys", "Keys (?)", act.openKeys),
    apply,
  );

  store.watch((state) => {
    const mine = (state.service?.plans ?? []).filter((plan) => plan.session === state.sessionName);
    show(picker, mine.length > 0);
    fillPlans(plans, mine, state.planId);
    undo.disabled = !state.undoable;
    redo.disabled = !state.redoable;
    root.dataset.connection = state.connection;
    say(light.lastChild, CONNECTION[state.connection]);
    apply.disabled = !state.plan;
    say(apply, applyLabel(state.plan));
    document.title = state.sessionName ? `${state.sessionName} \u2013 AMA` : "AMA";
  });
}

function tool(name, title, click) {
  return h("button", { class: "tool", type: "button", title, "aria-label": title, on: { click } }, icon(name));
}

function applyLabel(plan) {
  if (!plan) return "Apply\u2026";
  const { accepted, edited } = counts(plan);
  return accepted + edited ? `Apply ${accepted + edited}\u2026` : "Apply\u2026";
}

function fillPlans(select, plans, shown) {
  const lines = plans.map((plan) => [plan.id, planLine(plan)]);
  const text = JSON.stringify(lines);
  if (select.told !== text) {
    select.told = text;
    select.replaceChildren(...lines.map(([id, line]) => h("option", { value: id }, line)));
  }
  if (shown && select.value !== shown) select.value = shown;
}

/** Plans of a session are numbered by the last part of their id. */
function planLine({ id, made_at, target, suggestions }) {
  const aim = target.length > 44 ? `${target.slice(0, 42)}\u2026` : target;
  return `${Number(id.slice(id.lastIndexOf("-") + 1))}: ${when(made_at)} \u00b7 ${aim} \u00b7 ${suggestions}`;
}
