/** What the page knows, in one object. Views read it and are told of changes, at most once a task; nobody else keeps a copy. */

/** Return a store: `get()`, `set(changes)`, `watch(reader)`. */
export function createStore(initial) {
  let state = initial;
  let told = initial;
  let waiting = false;
  const readers = new Set();

  function tell() {
    waiting = false;
    const before = told;
    told = state;
    for (const reader of readers) reader(state, before);
  }

  return {
    get: () => state,
    set(changes) {
      state = { ...state, ...changes };
      if (waiting) return;
      waiting = true;
      queueMicrotask(tell);
    },
    watch(reader) {
      readers.add(reader);
      reader(state, state);
      return () => readers.delete(reader);
    },
  };
}

/** What is known before the service has answered. */
export const NOTHING = {
  connection: "connecting",
  service: null,
  jobs: {},
  asking: [],
  sessionName: null,
  planId: null,
  plan: null,
  planError: null,
  problems: {},
  warnings: {},
  subject: { only: null, track: null },
  deciding: 0,
  decided: 0,
  undoable: 0,
  redoable: 0,
  focused: null,
};

/** Return the chosen session as the service tells it, or null. */
export function sessionOf(state) {
  return state.service?.sessions.find((each) => each.name === state.sessionName) ?? null;
}

/** Return the unfinished jobs that `fits` accepts, the oldest first. */
export function unfinished(state, fits) {
  return Object.values(state.jobs).filter((job) => ["queued", "running"].includes(job.state) && fits(job));
}

/** Return the job of a session's suggestions that is under way, or null. */
export function suggestingOf(state) {
  return unfinished(state, (job) => job.kind === "suggest" && job.subject === state.sessionName)[0] ?? null;
}

/** Whose a place's problems are: they are told while that session or plan is shown. Those of other places are the page's. */
const OWNERS = { aim: "sessionName", mix: "sessionName", suggest: "sessionName", decide: "planId", render: "planId", apply: "planId" };

function ownerOf(state, place) {
  return state[OWNERS[place.split(":")[0]]] ?? "";
}

/** Return the problem to be told at a place, or null. */
export function problemOf(state, place) {
  return state.problems[`${place} ${ownerOf(state, place)}`] ?? null;
}

/** Keep a problem at the place where it belongs (null takes it away); its owner is what is shown, if nothing else is said. */
export function problemAt(store, place, error, owner = ownerOf(store.get(), place)) {
  const problems = { ...store.get().problems };
  const key = `${place} ${owner}`;
  if (error === null) delete problems[key];
  else problems[key] = { code: error.code ?? "", message: error.message, isSilence: error.status === 0 };
  store.set({ problems });
}

/** AMA answers again: that it did not is no problem any more. */
export function forgetSilence(store) {
  const left = Object.entries(store.get().problems).filter(([, problem]) => !problem.isSilence);
  store.set({ problems: Object.fromEntries(left) });
}

/** Do something that may be refused; the refusal is shown at `place`, and what stood there goes first. Returns what came, or undefined. */
export async function attempt(store, place, work) {
  const owner = ownerOf(store.get(), place);
  problemAt(store, place, null, owner);
  try {
    return await work();
  } catch (error) {
    problemAt(store, place, error, owner);
    return undefined;
  }
}
