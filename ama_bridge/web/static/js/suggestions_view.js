/** The suggestions, track by track, the master last; the head counts, accepts what is undecided, and says what is left. */

import { cardOf } from "./card.js";
import { counts, standing } from "./decisions.js";
import { h, keyed, say, show } from "./dom.js";
import { droppedPart, updateDropped } from "./dropped.js";
import { icon } from "./icons.js";
import { problemLine, showProblem } from "./problem_line.js";
import { sessionOf, suggestingOf } from "./store.js";

const SHOWN = { all: "All", undecided: "Undecided", kept: "Accepted", rejected: "Rejected" };

let made = 0;

/** Fill the part; `act` holds acceptRest, decideRest, clearAll, hearTrack and what a card needs. */
export function suggestionsView(root, store, act) {
  let filter = "all";
  const count = h("p", { class: "count", role: "status" });
  const acceptWords = h("span");
  const accept = h("button", { type: "button", id: "accept-rest", on: { click: act.acceptRest } }, icon("accept"), acceptWords);
  const clear = h(
    "button",
    { type: "button", class: "quiet-button", id: "clear-all", on: { click: act.clearAll } },
    "Clear all",
  );
  const filters = h("div", { class: "segmented small", role: "radiogroup", "aria-label": "Show" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const empty = h("div", { class: "empty large" });
  const nothing = h("p", { class: "quiet", hidden: true }, "No suggestion stands like that.");
  const groups = h("div", { class: "groups" });
  const head = h(
    "div",
    { class: "list-head" },
    h("h2", {}, "Suggestions"),
    count,
    filters,
    accept,
    clear,
  );
  root.append(head, problem, problemLine(store, "decide"), empty, nothing, groups);
  for (const [name, label] of Object.entries(SHOWN)) {
    const choose = () => {
      filter = name;
      update(store.get());
    };
    filters.append(
      h(
        "label",
        {},
        h("input", { type: "radio", name: "shown", value: name, checked: name === filter, on: { change: choose } }),
        h("span", {}, label),
      ),
    );
  }

  function update(state) {
    const { plan } = state;
    root.setAttribute("aria-busy", String(state.deciding > 0));
    show(head, plan !== null);
    show(groups, plan !== null);
    showProblem(problem, state.planError);
    tellEmpty(empty, state);
    show(nothing, false);
    if (!plan) return;
    const stands = counts(plan);
    say(count, countLine(state, stands));
    say(acceptWords, `Accept ${restOf(stands.undecided, plan.plan.suggestions.length)}`);
    accept.disabled = stands.undecided === 0;
    clear.disabled = stands.undecided === plan.plan.suggestions.length;
    const found = grouped(plan, filter);
    show(nothing, found.length === 0 && plan.plan.suggestions.length > 0);
    const cards = [...groups.querySelectorAll(".card")];
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    keyed(groups, found, {
      key: (group) => `${plan.id}/${group.track.id}`,
      make: (group) => groupOf(group, act),
      update: (element, group) => updateGroup(element, group, state),
    });
    if (at >= 0 && !cards[at].isConnected) handOn(cards, at);
  }
  store.watch(update);
}

/** The card that had the focus is gone (it fits the filter no more): the next one has it, else the one before. */
function handOn(cards, at) {
  const near = [...cards.slice(at + 1), ...cards.slice(0, at).reverse()];
  near.find((card) => card.isConnected)?.focus();
}

/** "Accept all" never touches what was decided, so it says so. */
function restOf(undecided, all) {
  return undecided === all ? "all" : "the rest";
}

function countLine({ plan: { plan }, connection, deciding }, { accepted, edited, rejected }) {
  const parts = [`${plan.suggestions.length}`];
  if (accepted + edited) parts.push(`${accepted + edited} accepted${edited ? ` (${edited} edited)` : ""}`);
  if (rejected) parts.push(`${rejected} rejected`);
  if (deciding && connection === "lost") parts.push(`${deciding} not sent yet`);
  return parts.join(" \u00b7 ");
}

function grouped({ plan, decisions }, filter) {
  const tracks = [...plan.session.tracks, { id: "master", name: "Master", role: "" }];
  const fits = ({ id }) => {
    const stands = standing(decisions[id]);
    return filter === "all" || filter === stands || (filter === "kept" && ["accepted", "edited"].includes(stands));
  };
  return tracks
    .map((track) => {
      const on = (each) => each.track === track.id;
      const all = plan.suggestions.filter(on);
      const undecided = all.filter(({ id }) => !decisions[id]).length;
      const dropped = filter === "all" ? (plan.dropped ?? []).filter(on) : [];
      return { track, all: all.length, undecided, suggestions: all.filter(fits), dropped };
    })
    .filter(({ suggestions, dropped }) => suggestions.length + dropped.length > 0);
}

function groupOf({ track }, act) {
  const isMaster = track.id === "master";
  made += 1;
  const title = h("bdi", { id: `track-${made}` }, track.name);
  const name = h("h3", {}, title, h("span", { class: "quiet" }, track.role));
  const hear = h(
    "button",
    {
      type: "button",
      class: "small quiet-button",
      title: "Hear this track by itself, before and after",
      "aria-describedby": title.id,
      on: { click: () => act.hearTrack(track.id) },
    },
    icon("listen"),
    "Hear the track",
  );
  const decide = (word, label) =>
    h("button", {
      type: "button",
      class: "small quiet-button",
      "aria-describedby": title.id,
      data: { label },
      on: { click: () => act.decideRest(track.id, word) },
    });
  const head = h(
    "div",
    { class: "group-head" },
    name,
    h("span", { class: "spring" }),
    isMaster ? null : hear,
    h("span", { class: "group-verdicts" }, decide("accept", "Accept"), decide("reject", "Reject")),
  );
  const element = h(
    "section",
    { class: "group", "aria-label": track.name, data: { track: track.id } },
    head,
    h("ul", { class: "cards" }),
    droppedPart(),
  );
  element.act = act;
  element.titleId = title.id;
  return element;
}

function updateGroup(element, { all, undecided, suggestions, dropped }, state) {
  const verdicts = element.querySelector(".group-verdicts");
  show(verdicts, all > 1);
  for (const button of verdicts.children) {
    button.disabled = undecided === 0;
    say(button, `${button.dataset.label} ${restOf(undecided, all)}`);
  }
  updateDropped(element.querySelector(".dropped"), dropped, state.plan.plan);
  keyed(element.querySelector(".cards"), suggestions, {
    key: (suggestion) => suggestion.id,
    make: (suggestion) => cardOf(suggestion, element.act, element.titleId),
    update: (card, suggestion) => card.card.update(suggestion, state),
  });
}

function tellEmpty(element, state) {
  const told = emptyWords(state);
  show(element, told !== null);
  if (told && element.told !== told[0]) {
    element.told = told[0];
    element.replaceChildren(...told.map((text, i) => h("p", {}, i ? text : h("strong", {}, text))));
  }
}

function emptyWords(state) {
  if (state.plan)
    return state.plan.plan.suggestions.length ? null : ["Nothing to suggest.", "The mix already lies where the target is."];
  if (state.planError || (state.planId && !state.plan)) return null;
  if (!state.service) return null;
  if (suggestingOf(state))
    return [
      "Listening to your tracks\u2026",
      "The suggestions appear here when all is measured; you may close this page meanwhile.",
    ];
  if (sessionOf(state)) return ["No suggestions yet.", "Choose what the mix shall come near to, then press Suggest."];
  return [
    "AMA suggests, you decide.",
    "Open a session on the left. AMA measures its tracks, compares the mix with songs you name, and lists what would bring it nearer: each with a reason, to hear, change, accept or reject. Nothing in your project changes until you apply it.",
  ];
}
