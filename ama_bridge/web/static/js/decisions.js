/** What the user says to suggestions: shown at once, sent in order, taken back and done again step by step. */

import { post } from "./api.js";
import { keepUnsent, unsent } from "./kept.js";
import { sentValues } from "./ranges.js";
import { problemAt } from "./store.js";

/** Return `decide(changes)`, `undo()`, `redo()`, and `settled()`, which throws where AMA does not answer; a change is `{id, decision}`, null for undecided. */
export function createDecisions(store, reread) {
  const stacks = { undo: [], redo: [] };
  const waiting = unsent().map(({ planId, messages }) => ({ step: { planId, changes: [] }, messages }));
  let sending = null;

  function tellDepth() {
    const here = (steps) => steps.filter((step) => step.planId === store.get().planId).length;
    store.set({ undoable: here(stacks.undo), redoable: here(stacks.redo) });
  }

  function decide(changes) {
    const { plan } = store.get();
    const moved = changes.filter(({ id, decision }) => !same(plan.decisions[id] ?? null, decision));
    if (!moved.length) return;
    const step = {
      planId: plan.id,
      changes: moved.map(({ id, decision }) => ({ id, from: plan.decisions[id] ?? null, to: decision })),
    };
    stacks.undo.push(step);
    stacks.redo = stacks.redo.filter((other) => other.planId !== step.planId);
    run(step, step.changes, "to");
  }

  /** Take a step one way; what someone else has decided meanwhile stays theirs. */
  function walk(from, to, way) {
    const { plan } = store.get();
    const at = stacks[from].findLastIndex((step) => step.planId === plan?.id);
    if (at < 0) return;
    const [step] = stacks[from].splice(at, 1);
    const left = way === "from" ? "to" : "from";
    const mine = step.changes.filter((change) => same(plan.decisions[change.id] ?? null, change[left]));
    stacks[to].push(step);
    run(step, mine, way);
  }

  /** Show a step of the plan that is shown, and send it; what is sent is made now, while the plan is at hand. */
  function run(step, changes, way) {
    const { plan } = store.get();
    const decisions = { ...plan.decisions };
    for (const { id, [way]: decision } of changes) {
      if (decision === null) delete decisions[id];
      else decisions[id] = decision;
    }
    waiting.push({ step, messages: messagesOf(plan, changes, way) });
    store.set({ plan: { ...plan, decisions } });
    tellDepth();
    tellWaiting();
    send();
  }

  function tellWaiting() {
    keepUnsent(waiting.filter(({ messages }) => messages.length).map(({ step, messages }) => ({ planId: step.planId, messages })));
    const unsent = waiting.flatMap(({ step, messages }) => messages.flatMap(({ ids }) => ids.map((id) => `${step.planId} ${id}`)));
    store.set({ deciding: new Set(unsent).size });
  }

  /** Send what waits; returns the error where AMA does not answer, and then the rest waits on. */
  function send() {
    if (waiting.length) sending ??= sendAll();
    return sending;
  }

  async function sendAll() {
    try {
      while (waiting.length) {
        await sendStep(waiting[0]);
        waiting.shift();
        store.set({ decided: store.get().decided + 1 });
        reread();
      }
      return null;
    } catch (error) {
      return error;
    } finally {
      sending = null;
    }
  }

  async function sendStep({ step, messages }) {
    while (messages.length) {
      const [{ ids, words }] = messages;
      const isWhole = ids.length > 1;
      const place = isWhole ? "decide" : `decide:${ids[0]}`;
      problemAt(store, place, null, step.planId);
      try {
        await post("decide", { plan: step.planId, suggestion_id: isWhole ? "*" : ids[0], ...words });
      } catch (error) {
        if (error.status === 0) throw error;
        problemAt(store, place, error, step.planId);
        forget(step);
      }
      messages.shift();
      tellWaiting();
    }
  }

  /** What was refused cannot be taken back. */
  function forget(step) {
    for (const name of ["undo", "redo"]) stacks[name] = stacks[name].filter((other) => other !== step);
    tellDepth();
  }

  tellWaiting();
  store.watch((state, before) => {
    if (state.planId !== before.planId) tellDepth();
    if (state.connection === "open" && before.connection !== "open") send();
  });

  return {
    decide,
    undo: () => walk("undo", "redo", "from"),
    redo: () => walk("redo", "undo", "to"),
    async settled() {
      const silence = await send();
      if (silence) throw silence;
    },
  };
}

/** One message for all suggestions where all get the same word. */
function messagesOf({ plan }, changes, way) {
  const all = changes.map(({ id, [way]: decision }) => ({ ids: [id], words: asSent(plan, id, decision) }));
  const said = new Set(all.map(({ words }) => words.decision));
  const isWhole = all.length === plan.suggestions.length && said.size === 1 && !said.has("edit");
  return isWhole ? [{ ids: changes.map(({ id }) => id), words: all[0].words }] : all;
}

function asSent({ suggestions }, id, decision) {
  if (decision === null) return { decision: "clear" };
  if (decision.verdict !== "edit") return { decision: decision.verdict };
  const suggestion = suggestions.find((each) => each.id === id);
  const values = { ...suggestion.values, ...decision.values, ...decision.words };
  return { decision: "edit", value: sentValues(suggestion.kind, values) };
}

/** Return whether two decisions say the same. */
export function same(one, other) {
  if (one === null || other === null) return one === other;
  if (one.verdict !== other.verdict) return false;
  if (one.verdict !== "edit") return true;
  const values = (decision) => ({ ...decision.values, ...decision.words });
  const [a, b] = [values(one), values(other)];
  return Object.keys({ ...a, ...b }).every((name) => sameValue(a[name], b[name]));
}

function sameValue(a, b) {
  return typeof a === "string" || typeof b === "string" ? a === b : Math.abs(Number(a) - Number(b)) < 1e-9;
}

/** Return the decision that an edit with these values is. */
export function editOf(suggestion, values) {
  const named = Object.entries({ ...suggestion.values, ...values });
  return {
    verdict: "edit",
    values: Object.fromEntries(
      named.filter(([, value]) => typeof value !== "string").map(([name, value]) => [name, Number(value)]),
    ),
    words: Object.fromEntries(named.filter(([, value]) => typeof value === "string")),
  };
}

/** Return how a suggestion stands: accepted, rejected, edited or undecided. */
export function standing(decision) {
  return { accept: "accepted", reject: "rejected", edit: "edited" }[decision?.verdict] ?? "undecided";
}

/** Return how many stand how. */
export function counts(plan) {
  const found = { accepted: 0, rejected: 0, edited: 0, undecided: 0 };
  for (const { id } of plan.plan.suggestions) found[standing(plan.decisions[id])] += 1;
  return found;
}
