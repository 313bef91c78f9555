/** The bar at the foot: render, play, A/B and the references at equal loudness, seek, loop; blind on request. */

import { namesOf, referencesOf, subjectInWords, WHOLE } from "./audition.js";
import { h, keyed, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem_line.js";
import { progressView } from "./progress_view.js";
import { unfinished } from "./store.js";
import { peaksOf, waveformOf } from "./waveform.js";
import { baseName, clock } from "./words.js";

/** Fill the bar; `listening` is the controller (`listening.js`), `player` what sounds. */
export function playerView(root, store, player, listening) {
  const parts = madeParts(store, player, listening);
  root.append(
    h(
      "div",
      { class: "transport" },
      h("div", { class: "buttons" }, parts.play, parts.sides, parts.blind),
      h("div", { class: "times" }, parts.time, parts.references, parts.noLoop),
    ),
    h(
      "div",
      { class: "stage-box" },
      h(
        "div",
        { class: "stage-head" },
        h("div", { class: "subject" }, parts.subject, parts.whole),
        parts.verdict,
        parts.stale,
        problemLine(store, "render"),
      ),
      parts.wave.element,
      parts.invite,
      parts.progress.element,
    ),
  );
  const peaks = new WeakMap();
  const laneOf = ({ name, buffer }) => {
    if (!peaks.has(buffer)) peaks.set(buffer, peaksOf(buffer));
    return { name, peaks: peaks.get(buffer) };
  };

  function update(state) {
    const { plan } = state;
    show(root, plan !== null);
    if (!plan) return;
    const loaded = listening.loaded();
    const rendering = unfinished(state, (job) => job.kind === "render" && job.subject === plan.id)[0] ?? null;
    const isStale = loaded !== null && loaded.name !== namesOf(plan, state.subject).name;
    const references = state.subject.track ? [] : referencesOf(plan);
    const heard = references.find(({ side }) => side === player.side);
    say(parts.subject, heard ? `Reference: ${baseName(heard.reference)}` : subjectInWords(plan, state.subject));
    parts.subject.title = parts.subject.textContent;
    show(parts.whole, state.subject !== WHOLE && (state.subject.only !== null || state.subject.track !== null));
    show(parts.invite, loaded === null && rendering === null);
    show(parts.progress.element, rendering !== null);
    show(parts.stale, isStale && rendering === null);
    if (isStale) tellStale(parts.stale, loaded.subject === state.subject);
    if (rendering) parts.progress.update(rendering);
    root.classList.toggle("loaded", loaded !== null);
    updateTransport(parts, player, listening, loaded !== null);
    fillReferences(parts.references, references, { player, listening, hear: parts.hear, isLoaded: loaded !== null });
    parts.wave.update({
      lanes: player.lanes().map(laneOf),
      duration_s: player.duration(),
      side: player.side,
      loop: player.loop,
      blind: listening.blind() !== null && !heard,
    });
    tick();
  }

  function tick() {
    const at = player.position();
    say(parts.time.firstChild, clock(at));
    parts.wave.move(at, `${clock(at)} of ${clock(player.duration())}`);
    if (player.playing) requestAnimationFrame(tick);
  }

  store.watch(update);
  listening.onChange(() => update(store.get()));
}

/** Where a button goes when it is pressed, the bar takes the focus: space plays there. */
function focusBar() {
  document.getElementById("player").focus({ preventScroll: true });
}

function madeParts(store, player, listening) {
  const render = () => {
    focusBar();
    listening.render();
  };
  const side = (name) =>
    h(
      "button",
      {
        type: "button",
        class: `side ${name}`,
        "aria-pressed": "false",
        data: { side: name },
        on: { click: (event) => hear(event, name) },
      },
      h("kbd", { "aria-hidden": "true" }),
      h("span"),
    );
  const hear = (event, name) => {
    listening.hear(name);
    if (event.detail) focusBar();
  };
  const toggle = (event) => {
    listening.toggle();
    if (event.detail) focusBar();
  };
  const again = h(
    "button",
    { type: "button", class: "small primary", id: "render-again", on: { click: render } },
    "Render again",
  );
  const choose = (which) =>
    h(
      "button",
      { type: "button", class: "small", on: { click: () => (focusBar(), listening.prefer(which)) } },
      `${which ? "Y" : "X"} is better`,
    );
  const enough = h(
    "button",
    {
      type: "button",
      class: "tool small",
      title: "Close",
      "aria-label": "Close",
      on: { click: () => (focusBar(), listening.hear(player.side), listening.changed()) },
    },
    icon("remove"),
  );
  return {
    subject: h("p", { class: "subject-name" }),
    whole: h(
      "button",
      { type: "button", class: "link", id: "whole-mix", on: { click: () => (focusBar(), listening.choose(WHOLE)) } },
      "back to the whole mix",
    ),
    play: h(
      "button",
      { type: "button", class: "play", id: "play", "aria-label": "Play", title: "Play (space)", on: { click: toggle } },
      icon("play"),
    ),
    sides: h("div", { class: "sides", role: "group", "aria-label": "Which one sounds" }, side("before"), side("after")),
    blind: h(
      "button",
      {
        type: "button",
        class: "small quiet-button",
        id: "blind",
        title: "Hide which is which",
        on: { click: () => listening.toggleBlind() },
      },
      "Blind",
    ),
    time: h("p", { class: "time" }, h("span", { class: "at" }), h("span", { class: "of" })),
    noLoop: h(
      "button",
      { type: "button", class: "small quiet-button", id: "no-loop", on: { click: () => player.setLoop(null) } },
      icon("loop"),
      "End the loop",
    ),
    verdict: h("div", { class: "blind-verdict", role: "status" }, h("span"), choose(0), choose(1), enough),
    hear,
    references: h("div", { class: "heard-references", role: "group", "aria-label": "References" }),
    wave: waveformOf({ seek: (at) => player.seek(at), setLoop: (loop) => player.setLoop(loop) }),
    invite: h(
      "div",
      { class: "invite" },
      h(
        "button",
        { type: "button", class: "primary", id: "render", on: { click: render } },
        icon("listen"),
        "Render before and after",
      ),
      h("p", { class: "quiet" }, "Equally loud, so that you hear the mix and not the level. What you rejected is left out."),
    ),
    progress: progressView({ label: "Rendering", onCancel: (job) => (focusBar(), listening.cancel(job)) }),
    stale: h("div", { class: "stale", role: "status" }, h("span", {}, "Decisions changed since."), again),
  };
}

/** The references in the order of the session, each as loud as the mix. */
function fillReferences(root, references, { player, listening, hear, isLoaded }) {
  show(root, references.length > 0);
  keyed(root, references, {
    key: ({ side, reference }) => `${side} ${reference}`,
    make: ({ side, reference }) =>
      h(
        "button",
        {
          type: "button",
          class: "small heard-reference",
          title: `Reference: ${baseName(reference)}, as loud as the mix`,
          "aria-label": `Reference ${baseName(reference)}`,
          data: { side },
          on: { click: (event) => hear(event, side) },
        },
        h("kbd", { "aria-hidden": "true" }, letterOf(side)),
        h("bdi", { class: "name" }, baseName(reference)),
      ),
    update: (button, { side }) => {
      button.disabled = !isLoaded;
      button.setAttribute("aria-pressed", String(player.side === side));
      button.setAttribute("aria-busy", String(listening.awaited()?.side === side));
    },
  });
}

/** A and B are before and after; the first reference is C. */
function letterOf(side) {
  return String.fromCharCode("B".charCodeAt(0) + Number(side.split(" ")[1]));
}

function tellStale(element, isSameSubject) {
  say(element.firstChild, isSameSubject ? "Decisions changed since." : "This is not rendered yet.");
  say(element.lastChild, isSameSubject ? "Render again" : "Render");
}

function updateTransport(parts, player, listening, isLoaded) {
  const blind = listening.blind();
  parts.play.disabled = !isLoaded;
  parts.blind.disabled = !isLoaded;
  if (parts.play.dataset.playing !== String(player.playing)) {
    parts.play.dataset.playing = String(player.playing);
    parts.play.replaceChildren(icon(player.playing ? "pause" : "play"));
    parts.play.setAttribute("aria-label", player.playing ? "Pause" : "Play");
  }
  [...parts.sides.children].forEach((button, i) => {
    const name = blind ? blind.order[i] : ["before", "after"][i];
    button.dataset.side = blind ? "blind" : name;
    button.disabled = !isLoaded;
    button.setAttribute("aria-pressed", String(player.side === name));
    say(button.firstChild, blind ? "XY"[i] : "AB"[i]);
    say(button.lastChild, blind ? "" : { before: "Before", after: "After" }[name]);
    show(button.lastChild, !blind);
  });
  say(parts.blind, blind ? "Reveal" : "Blind");
  parts.blind.title = blind ? "Show which is which" : "Hide which is which";
  show(parts.noLoop, player.loop !== null);
  say(parts.time.lastChild, ` / ${clock(player.duration())}`);
  const told = blind ? "Listen, then say which is better." : listening.revealed();
  show(parts.verdict, told !== "");
  say(parts.verdict.firstChild, told);
  const [, x, y, enough] = parts.verdict.children;
  for (const button of [x, y]) show(button, blind !== null);
  show(enough, blind === null);
}
