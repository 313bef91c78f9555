/** What the user says to suggestions: shown at once, sent in order, taken back and done again step by step. */

import { post } from "./api.js";
import { sentValues } from "./ranges.js";
import { attempt } from "./store.js";

/** Return `decide(changes)`, `undo()`, `redo()`, and `settled()`, which waits for what is on its way; a change is `{id, decision}`, null for undecided. */
export function createDecisions(store, reread) {
  const stacks = { undo: [], redo: [] };
  let queue = Promise.resolve();

  function tellDepth() {
    const here = (steps) => steps.filter((step) => step.planId === store.get().planId).length;
    store.set({ undoable: here(stacks.undo), redoable: here(stacks.redo) });
  }

  function decide(changes) {
    const { plan } = store.get();
    const moved = changes.filter(({ id, decision }) => !same(plan.decisions[id] ?? null, decision));
    if (!moved.length) return Promise.resolve(true);
    const step = {
      planId: plan.id,
      changes: moved.map(({ id, decision }) => ({ id, from: plan.decisions[id] ?? null, to: decision })),
    };
    stacks.undo.push(step);
    stacks.redo = stacks.redo.filter((other) => other.planId !== step.planId);
    tellDepth();
    return run(step, "to").then((done) => {
      if (!done) stacks.undo = stacks.undo.filter((other) => other !== step);
      tellDepth();
      return done;
    });
  }

  /** Take a step one way; what someone else has decided meanwhile stays theirs. */
  function walk(from, to, way) {
    const at = stacks[from].findLastIndex((step) => step.planId === store.get().planId);
    if (at < 0) return Promise.resolve(false);
    const [step] = stacks[from].splice(at, 1);
    const { decisions } = store.get().plan;
    const left = way === "from" ? "to" : "from";
    const mine = step.changes.filter((change) => same(decisions[change.id] ?? null, change[left]));
    stacks[to].push(step);
    tellDepth();
    return run({ ...step, changes: mine }, way);
  }

  function run(step, way) {
    show(step, way);
    store.set({ deciding: store.get().deciding + 1 });
    queue = queue.then(() => send(step, way));
    return queue;
  }

  function show(step, way) {
    const { plan } = store.get();
    if (plan?.id !== step.planId) return;
    const decisions = { ...plan.decisions };
    for (const change of step.changes) {
      if (change[way] === null) delete decisions[change.id];
      else decisions[change.id] = change[way];
    }
    store.set({ plan: { ...plan, decisions } });
  }

  async function send(step, way) {
    let done = true;
    for (const { id, decision } of gathered(step, way, store.get().plan)) {
      const place = id === "*" ? "decide" : `decide:${id}`;
      const answer = await attempt(store, place, () =>
        post("decide", { plan: step.planId, suggestion_id: id, ...asSent(id, decision, store) }),
      );
      done &&= answer !== undefined;
    }
    const { deciding, decided } = store.get();
    store.set({ deciding: deciding - 1, decided: decided + 1 });
    reread();
    return done;
  }

  return {
    decide,
    undo: () => walk("undo", "redo", "from"),
    redo: () => walk("redo", "undo", "to"),
    settled: () => queue,
    tellDepth,
  };
}

/** One message for all suggestions where all get the same word. */
function gathered(step, way, plan) {
  const all = step.changes.map((change) => ({ id: change.id, decision: change[way] }));
  const words = new Set(all.map(({ decision }) => decision?.verdict ?? "clear"));
  const whole = plan?.id === step.planId && all.length === plan.plan.suggestions.length && all.length > 1;
  return whole && words.size === 1 && !words.has("edit") ? [{ id: "*", decision: all[0].decision }] : all;
}

function asSent(id, decision, store) {
  if (decision === null) return { decision: "clear" };
  if (decision.verdict !== "edit") return { decision: decision.verdict };
  const suggestion = store.get().plan.plan.suggestions.find((each) => each.id === id);
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
