/** The wiring: one store, one player, the views, and what happens when the service says that something is done. */

import { applyView } from "./apply_view.js";
import { createChooser } from "./chooser.js";
import { createDesk } from "./desk.js";
import { createFocusKeeper, skipLinks } from "./focus.js";
import { followKeys, keysView } from "./keys.js";
import { createListening } from "./listening.js";
import { noticesIn } from "./notices.js";
import { createPlayer } from "./player.js";
import { playerView } from "./player_view.js";
import { preferencesView } from "./preferences_view.js";
import { removeView } from "./remove_view.js";
import { resultView } from "./result_view.js";
import { followRoute, readRoute, writeRoute } from "./route.js";
import { follow } from "./service.js";
import { sessionView } from "./session_view.js";
import { createStore, NOTHING, problemAt, sessionOf } from "./store.js";
import { suggestionsView } from "./suggestions_view.js";
import { topView } from "./top_view.js";
import { WHOLE } from "./audition.js";

const byId = (id) => document.getElementById(id);
const store = createStore({ ...NOTHING, ...readRoute(), subject: WHOLE });
const tell = noticesIn(byId("notices"));
const player = createPlayer(() => listening.changed());
const listening = createListening(store, player, { settled: () => desk.settled() });
const service = follow(store, { onJobEnded, onPlans });
const desk = createDesk(store, { service, chooser: createChooser() });
const views = { apply: applyView(store, desk), keys: keysView(), preferences: preferencesView(store), remove: removeView(store, desk) };
const act = {
  ...desk,
  openApply: views.apply.open,
  openKeys: views.keys.open,
  openPreferences: views.preferences.open,
  openRemove: views.remove.open,
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
followRoute(store, openNamed);
const keepFocus = createFocusKeeper();
store.watch(keepFocus);
listening.onChange(keepFocus);
skipLinks(store, document.querySelectorAll(".skip"));
store.watch((state) => {
  if (state.planId && state.planId === sessionOf(state)?.newest_plan) tell({ id: `plan ${state.sessionName}`, text: "" });
});

/** A new plan of the session that is shown is shown where nothing is lost by that; all others are offered. */
function onPlans(now, before) {
  const { sessionName, planId, plan } = store.get();
  const session = now.sessions.find((each) => each.name === sessionName);
  if (!session) return showFirst(now);
  const isListed = ({ plans }) => plans.some(({ id }) => id === planId);
  const isRemoved = before && now.plans.length < before.plans.length && isListed(before) && !isListed(now);
  if (isRemoved) return void desk.openSession(sessionName);
  if (!planId && session.newest_plan) return void desk.openSession(sessionName);
  if (planId && !plan) service.reread();
  const made = before ? now.plans.filter(({ id }) => !before.plans.some((other) => other.id === id)) : [];
  const newest = made.filter((each, i) => made.findIndex((other) => other.session === each.session) === i);
  for (const each of newest) {
    if (each.session === sessionName && !isInUse()) desk.openPlan(each.id);
    else if (each.id !== planId) offer(each);
  }
  return undefined;
}

/** What an address names may be unknown here: then it is told as on any other way in. */
function openNamed({ session, plan }) {
  if (plan) service.open({ session, plan });
  else desk.openSession(session);
  service.refresh();
}

/** Whether something here was decided, is being changed, or is about to be applied. */
function isInUse() {
  const { plan } = store.get();
  if (!plan) return false;
  return Object.keys(plan.decisions).length > 0 || document.querySelector("#suggestions .editor, #apply-drawer[open]") !== null;
}

function offer({ id, session }) {
  const onAction = () => service.open({ session, plan: id });
  tell({ id: `plan ${session}`, text: `New suggestions for ${session}.`, action: "Show", onAction });
}

function showFirst({ plans, sessions }) {
  const session = plans.find((plan) => sessions.some((each) => each.name === plan.session))?.session ?? sessions[0]?.name;
  if (session) desk.openSession(session);
  else service.open({ session: null, plan: null });
}

const PLACES = { suggest: "suggest", render: "render", apply: "apply", revert: "apply" };

/** A job that failed says so where it was asked for: at its session or its plan. */
function onJobEnded(job) {
  const kind = Object.keys(PLACES).find((each) => job.kind.includes(each));
  if (!kind) return;
  const owner = kind === "revert" ? undefined : job.subject;
  problemAt(store, PLACES[kind], job.state === "failed" ? { code: job.code, message: job.error } : null, owner);
  if (["apply", "revert"].includes(kind)) service.reread();
}
