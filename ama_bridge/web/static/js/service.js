/** Keeps what the page knows in step with the service: its state, its jobs, the plan that is shown; by events, and by reading anew. */

import { get } from "./api.js";
import { WHOLE } from "./audition.js";
import { forgetSilence, problemAt } from "./store.js";
import { eventStream } from "./stream.js";

const GATHER_MS = 40;
const FADERS_MS = 500;
const ANEW_MS = 1000;

/** Begin to follow the service; returns `refresh`, `reread` and `open`. */
export function follow(store, { onJobEnded = () => {}, onPlans = () => {} } = {}) {
  const refresh = gathered(() => readState(store, onPlans));
  const refreshFaders = gathered(refresh, FADERS_MS);
  const reread = gathered(() => readPlan(store));
  listen(store, {
    onOpen: () => {
      refresh();
      reread();
    },
    onJob: (job) => takeJob(store, job, onJobEnded),
    onChanged: ({ what, subject }) => {
      if (what === "faders") refreshFaders();
      else refresh();
      if (["decisions", "deliveries"].includes(what) && subject === store.get().planId) reread();
    },
  });
  return { refresh, reread, open: (work) => open(store, work) };
}

/** Show a session and a plan of it (null: none yet), always both together; what the plan says is read at once. */
async function open(store, { session, plan }) {
  const now = store.get();
  if (session === now.sessionName && plan === now.planId && (now.plan || !plan)) return;
  store.set({ sessionName: session, planId: plan, plan: null, planError: null, subject: WHOLE, focused: null });
  await readPlan(store);
}

/** Read the plan that is shown; what was read while a decision was on its way may not know it yet, and it is read again after that. */
async function readPlan(store) {
  const { planId: id, decided } = store.get();
  if (!id) return;
  try {
    const plan = await get("plans", id);
    const now = store.get();
    const isOld = now.deciding > 0 || now.decided !== decided;
    if (now.planId === id && !(now.plan && isOld)) store.set({ plan: carried(now.plan, plan), planError: null });
  } catch (error) {
    if (store.get().planId === id) store.set({ planError: error });
  }
}

/** A plan never changes: keep the document that is there, so that views see by identity that only decisions moved. */
function carried(known, read) {
  return known?.id === read.id ? { ...read, plan: known.plan } : read;
}

async function readState(store, onPlans) {
  try {
    const service = await get("state");
    const jobs = {};
    for (const job of service.jobs) jobs[job.id] = newest(store.get().jobs[job.id], job);
    const before = store.get().service;
    store.set({ service, jobs });
    problemAt(store, "service", null);
    onPlans(service, before);
  } catch (error) {
    problemAt(store, "service", error);
  }
}

/** Events may overtake what was read: what is over stays over, and a share never goes back. */
function newest(known, read) {
  if (!known) return read;
  const over = (job) => !["queued", "running"].includes(job.state);
  if (over(known) && !over(read)) return known;
  return !over(read) && known.fraction > read.fraction ? known : read;
}

function takeJob(store, job, onEnded) {
  const known = store.get().jobs[job.id];
  store.set({ jobs: { ...store.get().jobs, [job.id]: job } });
  const over = !["queued", "running"].includes(job.state);
  if (over && known?.state !== job.state) onEnded(job);
}

function listen(store, { onOpen, onJob, onChanged }) {
  let source = null;
  function connect() {
    source = eventStream();
    source.onopen = () => {
      store.set({ connection: "open" });
      forgetSilence(store);
      onOpen();
    };
    source.onerror = () => {
      store.set({ connection: "lost" });
      source.close();
      setTimeout(connect, ANEW_MS);
    };
    source.addEventListener("job", (event) => onJob(JSON.parse(event.data)));
    source.addEventListener("changed", (event) => onChanged(JSON.parse(event.data)));
  }
  addEventListener("pagehide", () => source?.close());
  connect();
}

/** Return a function that does the work soon, once for many calls, one after another; what it returns is done when work that began after the call is. */
function gathered(work, within_ms = GATHER_MS) {
  let running = Promise.resolve();
  let coming = null;
  return () => {
    coming ??= running.then(() => soon(within_ms)).then(() => {
      coming = null;
      running = work();
      return running;
    });
    return coming;
  };
}

function soon(within_ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, within_ms);
  });
}
