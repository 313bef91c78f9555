/** The wiring: one store, one player, the views, and what happens when the service says that something is done. */

import { applyView } from "./apply_view.js";
import { createChooser } from "./chooser.js";
import { createDesk } from "./desk.js";
import { followKeys, keysView } from "./keys.js";
import { ownJobs } from "./kept.js";
import { createListening } from "./listening.js";
import { noticesIn } from "./notices.js";
import { createPlayer } from "./player.js";
import { playerView } from "./player_view.js";
import { preferencesView } from "./preferences_view.js";
import { resultView } from "./result_view.js";
import { readRoute, writeRoute } from "./route.js";
import { follow } from "./service.js";
import { sessionView } from "./session_view.js";
import { createStore, NOTHING, problemAt } from "./store.js";
import { suggestionsView } from "./suggestions_view.js";
import { topView } from "./top_view.js";
import { WHOLE } from "./audition.js";

const byId = (id) => document.getElementById(id);
const store = createStore({ ...NOTHING, ...readRoute(), subject: WHOLE });
const own = ownJobs();
const tell = noticesIn(byId("notices"));
const player = createPlayer(() => listening.changed());
const listening = createListening(store, player, { settled: () => desk.settled() });
const service = follow(store, { onJobEnded, onPlans });
const desk = createDesk(store, { service, chooser: createChooser(), own });
const views = { apply: applyView(store, desk), keys: keysView(), preferences: preferencesView(store) };
const act = {
  ...desk,
  openApply: views.apply.open,
  openKeys: views.keys.open,
  openPreferences: views.preferences.open,
  hearOnly: (id) => listening.choose({ only: [id], track: null }),
  hearTrack: (track) => listening.choose({ only: null, track }),
};

topView(byId("top"), store, act);
sessionView(byId("session"), store, act);
resultView(byId("result"), store);
suggestionsView(byId("suggestions"), store, act);
playerView(byId("player"), store, player, listening);
followKeys(store, act, player, listening);
store.watch(writeRoute);

/** A plan that this page asked for is shown; one that someone else asked for is offered. */
function onPlans(now, before) {
  const { sessionName, planId, plan } = store.get();
  const session = now.sessions.find((each) => each.name === sessionName);
  if (!session) return showFirst(now);
  if (!planId && session.newest_plan) return void desk.openPlan(session.newest_plan);
  if (planId && !plan) service.reread();
  if (!before) return undefined;
  for (const made of now.plans.filter(({ id }) => !before.plans.some((other) => other.id === id))) {
    const isAsked = made.session === sessionName && (own.size() > 0 || untouched());
    if (isAsked) desk.openPlan(made.id);
    else if (made.id !== planId)
      tell({ id: "plan", text: `New suggestions for ${made.session}.`, action: "Show", onAction: () => showPlan(made) });
  }
  return undefined;
}

function untouched() {
  const { plan } = store.get();
  return !plan || Object.keys(plan.decisions).length === 0;
}

async function showPlan({ session, id }) {
  store.set({ sessionName: session });
  await desk.openPlan(id);
}

function showFirst({ plans, sessions }) {
  const session = plans.find((plan) => sessions.some((each) => each.name === plan.session))?.session ?? sessions[0]?.name;
  if (session) desk.openSession(session);
  else if (store.get().sessionName) store.set({ sessionName: null, planId: null, plan: null });
}

const PLACES = { suggest: "suggest", render: "render", apply: "apply", revert: "apply" };

/** A job that failed says so where it was asked for. */
function onJobEnded(job) {
  const kind = Object.keys(PLACES).find((each) => job.kind.includes(each));
  if (!kind) return;
  if (job.state === "failed") problemAt(store, PLACES[kind], { code: job.code, message: job.error });
  else problemAt(store, PLACES[kind], null);
  if (kind === "suggest" && job.result?.plan && own.delete(job.id)) desk.openPlan(job.result.plan);
  if (["apply", "revert"].includes(kind)) service.reread();
}
