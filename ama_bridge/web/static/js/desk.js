/** What the user can do on this page, one function each; views call these and nothing else. */

import { post } from "./api.js";
import { createDecisions, editOf } from "./decisions.js";
import { remember, recent } from "./kept.js";
import { attempt, problemAt, sessionOf, suggestingOf } from "./store.js";
import { folderOf } from "./words.js";

/** Return the actions; `service` reads anew and opens, `chooser` asks for files. */
export function createDesk(store, { service, chooser }) {
  const decisions = createDecisions(store, service.reread);
  const name = () => store.get().sessionName;
  const aims = {};
  let changing = Promise.resolve();

  function openSession(session) {
    const plan = store.get().service?.sessions.find((each) => each.name === session)?.newest_plan ?? null;
    return service.open({ session, plan });
  }

  async function openPath(path) {
    const opened = await attempt(store, "open", () => post("session/open", { path }));
    if (!opened) return;
    remember(path);
    store.set({ warnings: { ...store.get().warnings, [opened.session]: opened.warnings ?? [] } });
    await service.refresh();
    await openSession(opened.session);
  }

  /** Change what a session is compared with, one change after another, and say at once that it is complete again, so that a refusal is shown where it
  belongs; `undo` takes the change back then. Returns whether it stands. */
  function changed(place, work, undo = null) {
    const session = name();
    problemAt(store, "suggest", null);
    const commit = () => post("session/commit", { session });
    changing = changing.then(async () => {
      const done = await attempt(store, place, async () => {
        await work(session);
        try {
          return await commit();
        } catch (error) {
          if (undo) await undo(session).then(commit);
          throw error;
        }
      });
      if (done) store.set({ warnings: { ...store.get().warnings, [session]: done.warnings ?? [] } });
      await service.refresh();
      return Boolean(done);
    });
    return changing;
  }

  const reference = (path, on = 1) => changed("aim", (session) => post("session/reference", { session, path, on }));
  const mix = (path) => changed("mix", (session) => post("session/mix", { session, path }));

  /** What the next suggest aims at: what the user chose here, else a style where the newest plan had one, else the references. */
  function aimOf(state) {
    const targets = state.service?.targets ?? [];
    const isStyle = (name) => targets.some((each) => each.name === name);
    const newest = state.service?.plans.find((each) => each.session === state.sessionName);
    const last = newest && isStyle(newest.target) && !sessionOf(state)?.references.length ? newest.target : null;
    return {
      by: last ? "style" : "reference",
      target: last ?? (isStyle("neutral") ? "neutral" : (targets[0]?.name ?? "")),
      engine: state.service?.engines[0] ?? "auto",
      ...aims[state.sessionName],
    };
  }

  /** Ask once: until the job is known here the button is still. */
  async function suggest() {
    const session = name();
    const { asking } = store.get();
    if (asking.includes(session) || suggestingOf(store.get())) return;
    store.set({ asking: [...asking, session] });
    const aim = aimOf(store.get());
    aims[session] = aim;
    await changing;
    await attempt(store, "suggest", async () => {
      if (!sessionOf(store.get()).committed) await post("session/commit", { session });
      await post("suggest", { session, engine: aim.engine, ...(aim.by === "style" ? { target: aim.target } : {}) });
    });
    await service.refresh();
    store.set({ asking: store.get().asking.filter((each) => each !== session) });
  }

  const decisionFor = (word) => (word === "clear" ? null : { verdict: word, values: {}, words: {} });

  /** What is undecided gets the word; what was decided stays. */
  const restTo = (word, fits) => {
    const { plan, decisions: stands } = store.get().plan;
    const rest = plan.suggestions.filter((each) => fits(each) && !stands[each.id]);
    decisions.decide(rest.map(({ id }) => ({ id, decision: decisionFor(word) })));
  };

  async function chooseSounds(about, take, several) {
    const last = sessionOf(store.get())?.references.at(-1);
    const paths = await chooser.sounds({ ...about, several, folder: last ? folderOf(last) : undefined });
    for (const path of paths ?? []) await take(path);
  }

  return {
    openSession,
    openPath,
    openPlan: (plan) => service.open({ session: name(), plan }),
    recent,
    chooseFolder: async () => {
      const path = await chooser.folder();
      if (path) await openPath(path);
    },
    aimOf,
    setAim: (change) => {
      problemAt(store, "suggest", null);
      aims[name()] = { ...aims[name()], ...change };
      store.set({});
    },
    chooseReference: () =>
      chooseSounds(
        { title: "Add references", about: "Finished songs that sound as yours should." },
        (path) => reference(path),
        true,
      ),
    moveReference: (from, to) => {
      const swapped = async (session, out, come) => {
        await post("session/reference", { session, path: come });
        await post("session/reference", { session, path: out, on: 0 });
      };
      return changed(
        "aim",
        (session) => swapped(session, from, to),
        (session) => swapped(session, to, from),
      );
    },
    /** Leave a track as it is in what is suggested next, or free it. */
    lock: async (id, locked) => {
      const session = name();
      await attempt(store, "tracks", () => post("session/lock", { session, track_id: id, on: locked ? 1 : 0 }));
      await service.refresh();
    },
    dropReference: (path) => reference(path, 0),
    chooseMix: () => chooseSounds({ title: "The mix as it is now", about: "One bounce of the whole mix." }, mix, false),
    dropMix: () => mix(""),
    suggest,
    decide: (id, word) => {
      const keepsEdit = word === "accept" && store.get().plan.decisions[id]?.verdict === "edit";
      if (!keepsEdit) decisions.decide([{ id, decision: decisionFor(word) }]);
    },
    acceptAsSuggested: (id) => decisions.decide([{ id, decision: decisionFor("accept") }]),
    edit: (id, values) => {
      const suggestion = store.get().plan.plan.suggestions.find((each) => each.id === id);
      decisions.decide([{ id, decision: editOf(suggestion, values) }]);
    },
    acceptRest: () => restTo("accept", () => true),
    decideRest: (track, word) => restTo(word, (each) => each.track === track),
    clearAll: () => decisions.decide(store.get().plan.plan.suggestions.map(({ id }) => ({ id, decision: null }))),
    settled: decisions.settled,
    undo: decisions.undo,
    redo: decisions.redo,
    chooseOutput: () => chooser.output(),
    /** Hand over; `files` says into which folder files go and whether the mix goes with them. */
    apply: async (daw, ask, files) => {
      const { planId } = store.get();
      const answer = await attempt(store, "apply", async () => {
        await decisions.settled();
        return await post("apply", { plan_or_session: planId, daw, ask: Number(ask), ...files });
      });
      if (answer) service.reread();
      service.refresh();
    },
    revert: async (daw) => {
      await attempt(store, "apply", () => post("revert", { daw }));
      service.refresh();
    },
    /** Remove a session with its plans, or one plan of it; throws what is refused. */
    remove: async (session, plan) => {
      await post("session/remove", { session, plan });
      await service.refresh();
    },
    cancel: (job, place) => attempt(store, place, () => post("cancel", { job })),
  };
}
