/** Brings to the player what is to be heard: asks for the render, loads it when it is there, and keeps the blind test's secret. */

import { post, sound } from "./api.js";
import { askedFor, finished, namesOf, referencesOf, WHOLE } from "./audition.js";
import { attempt, problemAt } from "./store.js";

const isSame = (one, other) => one.track === other.track && one.only?.join() === other.only?.join();

/** Return the controller of a player; `settled` waits until the service knows all decisions. */
export function createListening(store, player, { settled }) {
  const now = { loaded: null, loading: null, wanted: null, awaited: null, asked: null, blind: null, revealed: "" };
  const listeners = new Set();
  const tell = () => listeners.forEach((each) => each());

  async function render() {
    const { plan, subject } = store.get();
    if (!plan) return;
    const names = namesOf(plan, subject);
    now.wanted = names.name;
    if (finished(store.get().jobs, names.name)) await takeUp();
    else if (now.asked?.name !== names.name) await ask(names.name, () => askedFor(plan, subject, names));
  }

  /** Ask for a render; the one that this page asked for before is called off, so that nobody waits for what is not heard any more. */
  async function ask(name, request) {
    callOff();
    const asked = { name, job: null };
    now.asked = asked;
    const answer = await attempt(store, "render", async () => {
      await settled();
      return now.asked === asked ? await post("render", request()) : null;
    });
    asked.job = answer?.job ?? null;
    if (now.asked !== asked) stop(asked);
    else {
      if (!answer) now.asked = null;
      followAsked();
    }
  }

  function callOff() {
    if (now.asked) stop(now.asked);
    now.asked = null;
  }

  /** What is over meanwhile is left as it is. */
  function stop({ job }) {
    if (job) post("cancel", { job }).catch(() => {});
  }

  /** What was asked for is asked for until its job is over, or until the service that had it is gone. */
  function followAsked() {
    const { connection, jobs } = store.get();
    const job = jobs[now.asked?.job];
    if (connection === "lost" || (job && !["queued", "running"].includes(job.state))) now.asked = null;
    if (now.awaited && !now.asked && now.loading !== now.awaited.name && !finished(jobs, now.awaited.name)) giveUpReference();
  }

  /** Load what belongs to the decisions as they are now, if it was rendered; what is loaded stays until then. */
  async function takeUp() {
    const { plan, subject, jobs } = store.get();
    if (!plan) return;
    const { name } = namesOf(plan, subject);
    const found = finished(jobs, name);
    if (!found || now.loading === name) return;
    if (now.loaded?.name === name) {
      playIfWanted(name);
      return;
    }
    now.loading = name;
    const isWanted = () => isNamed(name);
    try {
      const [before, after] = await Promise.all([sound(found.before_url), sound(found.url)]);
      const lufs = { before: found.before.integrated_lufs, after: found.after.integrated_lufs };
      if (!(await player.load({ before, after, rate_hz: plan.plan.session.sample_rate_hz, lufs, isWanted }))) return;
      now.loaded = { name, planId: plan.id, subject };
      problemAt(store, "render", null);
      playIfWanted(name);
    } catch (error) {
      tellProblem(error);
    } finally {
      if (now.loading === name) now.loading = null;
      tell();
    }
  }

  function tellProblem(error) {
    const isOurs = error.code !== undefined;
    problemAt(store, "render", isOurs ? error : { message: `The render cannot be played here (${error.message}).` });
  }

  /** Hear a reference; the first time it is rendered and loaded, and heard once it is there, unless something else was chosen meanwhile. */
  async function hearReference(side) {
    const { plan } = store.get();
    const found = plan && referencesOf(plan).find((each) => each.side === side);
    if (!found || !now.loaded || now.loaded.subject.track) return;
    if (player.has(side)) {
      now.awaited = null;
      player.listenTo(side);
      return;
    }
    now.awaited = found;
    if (finished(store.get().jobs, found.name)) await takeUpReference();
    else if (now.asked?.name !== found.name)
      await ask(found.name, () => ({ plan: plan.id, out_name: found.name, reference: found.reference }));
  }

  /** Its render failed or was called off. */
  function giveUpReference() {
    now.awaited = null;
    tell();
  }

  async function takeUpReference() {
    const { plan, jobs } = store.get();
    const { awaited } = now;
    const found = awaited && finished(jobs, awaited.name);
    if (!found || now.loading === awaited.name) return;
    now.loading = awaited.name;
    const isWanted = () => now.loaded?.planId === plan.id && store.get().planId === plan.id;
    try {
      const given = { sound: await sound(found.url), lufs: found.after.integrated_lufs };
      const isThere = await player.add(awaited.side, { ...given, rate_hz: plan.plan.session.sample_rate_hz, isWanted });
      if (isThere && now.awaited === awaited) player.listenTo(awaited.side);
    } catch (error) {
      tellProblem(error);
    } finally {
      if (now.awaited === awaited) now.awaited = null;
      if (now.loading === awaited.name) now.loading = null;
      tell();
    }
  }

  /** Whether a render is what the decisions and the subject ask for now. */
  function isNamed(name) {
    const { plan, subject } = store.get();
    return plan !== null && namesOf(plan, subject).name === name;
  }

  function playIfWanted(name) {
    if (now.wanted !== name) return;
    now.wanted = null;
    player.play();
  }

  function forget() {
    player.clear();
    Object.assign(now, { loaded: null, awaited: null, blind: null, revealed: "" });
    tell();
  }

  /** What was heard until now stops: it is not what the bar names any more. */
  function choose(subject) {
    player.pause();
    now.awaited = null;
    player.listenTo(player.mixSide);
    store.set({ subject });
    if (subject !== WHOLE) {
      render();
      return;
    }
    callOff();
    if (!finished(store.get().jobs, namesOf(store.get().plan, subject).name)) forget();
  }

  store.watch((state, before) => {
    followAsked();
    if (now.loaded && now.loaded.planId !== state.planId) forget();
    if (state.plan && (state.plan !== before.plan || state.jobs !== before.jobs || state.subject !== before.subject)) takeUp();
    if (state.jobs !== before.jobs) takeUpReference();
  });

  return {
    render,
    choose,
    loaded: () => now.loaded,
    blind: () => now.blind,
    revealed: () => now.revealed,
    onChange: (listener) => listeners.add(listener),
    changed: tell,
    cancel: (job) => attempt(store, "render", () => post("cancel", { job })),
    /** What is loaded plays only under its own name; else what is named is asked for, and plays when it is there. */
    toggle() {
      if (player.playing) player.pause();
      else if (now.loaded && isSame(now.loaded.subject, store.get().subject)) player.play();
      else if (now.loaded) render();
    },
    hear(side) {
      now.revealed = "";
      const at = { before: 0, after: 1 }[side];
      if (at === undefined) {
        hearReference(side);
        return;
      }
      now.awaited = null;
      player.listenTo(now.blind ? now.blind.order[at] : side);
    },
    /** Between before and after; from a reference back to the mix. */
    swap() {
      now.revealed = "";
      now.awaited = null;
      if (player.side !== player.mixSide) player.listenTo(player.mixSide);
      else player.listenTo(player.side === "after" ? "before" : "after");
    },
    awaited: () => now.awaited,
    toggleBlind() {
      if (now.blind) reveal("");
      else {
        const order = crypto.getRandomValues(new Uint8Array(2));
        now.blind = { order: order[0] & 1 ? ["before", "after"] : ["after", "before"] };
        now.revealed = "";
        player.listenTo(now.blind.order[0]);
      }
      tell();
    },
    prefer(which) {
      const chosen = now.blind.order[which];
      reveal(`You chose ${chosen === "after" ? "after: the mix with the suggestions" : "before: the mix as it was"}.`);
      tell();
    },
  };

  function reveal(words) {
    const [x, y] = now.blind.order;
    now.revealed = words || `X was ${x}, Y ${y}.`;
    now.blind = null;
  }
}
