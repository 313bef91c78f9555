/** The drawer from which settings leave: which DAW and how it stands, apply, what became of each suggestion, and back again. */

import { counts } from "./decisions.js";
import { dialogOf } from "./dialog.js";
import { h, keyed, say, show } from "./dom.js";
import { problemLine } from "./problem_line.js";
import { progressView } from "./progress_view.js";
import { receiptOf, revertedOf } from "./receipt_view.js";
import { sessionOf, unfinished } from "./store.js";
import { dawTitle } from "./words.js";

/** Return `{open}`; `act` holds apply(daw, ask, files), chooseOutput, revert(daw), cancel(job, place). */
export function applyView(store, act) {
  const chosen = { daw: null, ask: true, folder: null, mix: false };
  const daws = h("div", { class: "daws", role: "radiogroup", "aria-label": "Where to" });
  const ask = h("input", {
    type: "checkbox",
    id: "apply-ask",
    checked: true,
    on: { change: () => (Object.assign(chosen, { ask: ask.checked }), update(store.get())) },
  });
  const asking = h("label", { class: "check" }, ask, h("span", {}, "Let me tick in the DAW\u2019s dialog first"));
  const mix = h("input", {
    type: "checkbox",
    id: "apply-mix",
    on: { change: () => (Object.assign(chosen, { mix: mix.checked }), update(store.get())) },
  });
  const place = h("bdi", { id: "apply-folder" });
  const choosePlace = h("button", { type: "button", class: "small", id: "choose-output", on: { click: takePlace } }, "Choose\u2026");
  const files = h(
    "div",
    { class: "stack tight" },
    h("label", { class: "check" }, mix, h("span", {}, "With the mix that they make, as a WAV file")),
    h("div", { class: "output-line" }, h("span", { class: "quiet" }, "Into"), h("span", { class: "name" }, place), choosePlace),
  );
  const told = h("p", { class: "told" });
  const apply = h("button", {
    type: "button",
    class: "primary big wide",
    id: "apply",
    on: { click: () => act.apply(chosen.daw, chosen.ask, writesFiles() ? filesAsked(chosen) : {}) },
  });
  const revert = h("button", { type: "button", class: "wide", id: "revert", on: { click: () => act.revert(chosen.daw) } });
  const progress = progressView({ label: "Applying", onCancel: (job) => act.cancel(job, "apply") });
  const history = h("ol", { class: "deliveries" });
  const past = h("section", { class: "stack" }, h("h3", {}, "What was done"), history);
  const body = h(
    "div",
    { class: "stack drawer-body" },
    h("h3", {}, "Where to"),
    daws,
    asking,
    files,
    told,
    apply,
    progress.element,
    problemLine(store, "apply"),
    revert,
    past,
  );
  const dialog = dialogOf({ id: "apply-drawer", title: "Apply", side: true, body });

  function writesFiles() {
    return store.get().service?.daws.find(({ name }) => name === chosen.daw)?.asks === false;
  }

  async function takePlace() {
    chosen.folder = (await act.chooseOutput()) ?? chosen.folder;
    update(store.get());
  }

  function update(state) {
    if (!state.service) return;
    const known = state.service.daws;
    chosen.daw ??= usual(known, sessionOf(state));
    keyed(daws, known, {
      key: (daw) => daw.name,
      make: (daw) => dawChoice(daw, () => (Object.assign(chosen, { daw: daw.name }), update(store.get()))),
      update: (element, daw) => updateChoice(element, daw, chosen.daw),
    });
    const daw = known.find(({ name }) => name === chosen.daw);
    if (!daw || !state.plan) return;
    const job = unfinished(state, ({ kind, daw: of }) => /apply|revert/.test(kind) && (!of || of === daw.name))[0] ?? null;
    show(asking, daw.asks);
    show(files, !daw.asks);
    say(place, chosen.folder ?? "AMA\u2019s own folder");
    place.title = chosen.folder ?? `${state.service.state_folder}/deliveries`;
    say(told, promise(daw, chosen, counts(state.plan)));
    say(apply, applyLabel(daw, chosen.ask, counts(state.plan)));
    apply.disabled = job !== null || (!(daw.asks && chosen.ask) && counts(state.plan).accepted + counts(state.plan).edited === 0);
    show(apply, job === null);
    show(progress.element, job !== null);
    if (job) progress.update(job);
    show(revert, daw.asks && job === null);
    say(revert, `Take back what AMA set last in ${dawTitle(daw.name)}`);
    fillHistory(history, past, state);
  }

  store.watch(update);
  return { open: () => dialog.open || dialog.showModal() };
}

function usual(daws, session) {
  const own = daws.find(({ name, asks }) => asks && name === session?.daw);
  return (own ?? daws.find(({ running }) => running) ?? daws.find(({ asks }) => !asks) ?? daws[0])?.name ?? null;
}

function dawChoice({ name }, choose) {
  return h(
    "label",
    { class: "daw" },
    h("input", { type: "radio", name: "daw", value: name, on: { change: choose } }),
    h(
      "span",
      { class: "daw-words" },
      h(
        "span",
        { class: "daw-name" },
        h("i", { class: "dot-state", "aria-hidden": "true" }),
        dawTitle(name),
        h("span", { class: "daw-state" }),
      ),
      h("span", { class: "quiet" }),
    ),
  );
}

function updateChoice(element, { name, running, installed, about }, chosen) {
  const stands = running ? "runs" : installed === false ? "not set up" : running === false ? "does not run" : "";
  element.firstChild.checked = name === chosen;
  element.dataset.stands = running ? "ready" : running === null && installed === null ? "always" : "away";
  const [line, words] = element.lastChild.children;
  say(line.lastChild, stands);
  say(words, about);
}

/** What of the choice is sent: what is left out is as usual. */
function filesAsked({ folder, mix }) {
  return { folder: folder ?? undefined, mix: mix ? 1 : undefined };
}

function promise({ name, asks }, { ask, mix }, { accepted, edited, rejected, undecided }) {
  const kept = accepted + edited;
  const all = kept + undecided;
  if (asks && ask)
    return `${dawTitle(name)} shows a dialog with ${all} suggestion${all === 1 ? "" : "s"}, all that you did not reject${rejected ? ` (${rejected} left out)` : ""}; what you leave ticked there is set, in one step.`;
  if (kept === 0) return "Nothing is accepted yet: accept what you want, then apply.";
  return asks
    ? `${kept} accepted suggestion${kept === 1 ? " is" : "s are"} set at once in ${dawTitle(name)}, in one step.`
    : `Writes ${kept} accepted suggestion${kept === 1 ? "" : "s"} as files, in a new folder: ${mix ? "the mix (mix.wav), " : ""}all settings to read (settings.txt), the plan, a Pedalboard preset for each track, and one for the master.`;
}

function applyLabel({ name, asks }, ask, { accepted, edited }) {
  if (asks && ask) return `Show them in ${dawTitle(name)}`;
  return asks ? `Set ${accepted + edited} in ${dawTitle(name)}` : `Write ${accepted + edited} to a folder`;
}

function fillHistory(list, section, state) {
  const { plan } = state;
  const reverts = Object.values(state.jobs).filter(
    (job) => job.kind.includes("revert") && job.state === "done" && job.result?.reverted,
  );
  const over = plan.deliveries.filter(({ receipt, reverted }) => receipt || reverted);
  const items = over.map((delivery) => ({
    key: `${delivery.name}/${delivery.at}/${Boolean(delivery.receipt)}/${Boolean(delivery.reverted)}`,
    delivery,
  }));
  const loose = reverts
    .filter((job) => !plan.deliveries.some(({ reverted }) => reverted && reverted.id === job.result.reverted.id))
    .map((job) => ({ key: job.id, job }));
  const all = [...loose.reverse(), ...items];
  show(section, all.length > 0);
  keyed(list, all, {
    key: ({ key }) => key,
    make: ({ delivery, job }) =>
      h(
        "li",
        {},
        ...(job
          ? [revertedOf(job.result.reverted)]
          : [
              delivery.reverted ? revertedOf(delivery.reverted) : null,
              delivery.receipt ? receiptOf(delivery, plan, folderIn(state, delivery)) : null,
            ].filter(Boolean)),
      ),
  });
}

/** Where a delivery's files lie: where the user wanted them, else the state folder's deliveries, by the delivery's name. */
function folderIn({ service }, { name, receipt }) {
  if (receipt?.folder) return receipt.folder;
  return name ? `${service.state_folder}/deliveries/${name}` : "";
}
