/** The suggestions, track by track, the master last; the head counts, accepts all, and says what is left. */

import { cardOf } from "./card.js";
import { counts, standing } from "./decisions.js";
import { h, keyed, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { problemLine, showProblem } from "./problem_line.js";
import { sessionOf, suggestingOf } from "./store.js";

const SHOWN = { all: "All", undecided: "Undecided", kept: "Accepted", rejected: "Rejected" };

/** Fill the part; `act` holds decideAll, decideTrack, hearTrack and what a card needs. */
export function suggestionsView(root, store, act) {
  let filter = "all";
  const count = h("p", { class: "count", role: "status" });
  const accept = h(
    "button",
    { type: "button", id: "accept-all", on: { click: () => act.decideAll("accept") } },
    icon("accept"),
    "Accept all",
  );
  const clear = h(
    "button",
    { type: "button", class: "quiet-button", id: "clear-all", on: { click: () => act.decideAll("clear") } },
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
    say(count, countLine(plan, stands));
    accept.disabled = stands.accepted + stands.edited === plan.plan.suggestions.length;
    clear.disabled = stands.undecided === plan.plan.suggestions.length;
    const found = grouped(plan, filter);
    show(nothing, found.length === 0 && plan.plan.suggestions.length > 0);
    keyed(groups, found, {
      key: (group) => `${plan.id}/${group.track.id}`,
      make: (group) => groupOf(group, act),
      update: (element, group) => updateGroup(element, group, state),
    });
  }
  store.watch(update);
}

function countLine({ plan }, { accepted, edited, rejected }) {
  const parts = [`${plan.suggestions.length}`];
  if (accepted + edited) parts.push(`${accepted + edited} accepted${edited ? ` (${edited} edited)` : ""}`);
  if (rejected) parts.push(`${rejected} rejected`);
  return parts.join(" \u00b7 ");
}

function grouped({ plan, decisions }, filter) {
  const tracks = [...plan.session.tracks, { id: "master", name: "Master", role: "" }];
  const fits = ({ id }) => {
    const stands = standing(decisions[id]);
    return filter === "all" || filter === stands || (filter === "kept" && ["accepted", "edited"].includes(stands));
  };
  return tracks
    .map((track) => ({ track, suggestions: plan.suggestions.filter((each) => each.track === track.id && fits(each)) }))
    .filter(({ suggestions }) => suggestions.length > 0);
}

function groupOf({ track }, act) {
  const isMaster = track.id === "master";
  const name = h("h3", {}, h("bdi", {}, track.name), h("span", { class: "quiet" }, track.role));
  const hear = h(
    "button",
    {
      type: "button",
      class: "small quiet-button",
      title: "Hear this track by itself, before and after",
      on: { click: () => act.hearTrack(track.id) },
    },
    icon("listen"),
    "Hear the track",
  );
  const decide = (word, label) =>
    h("button", { type: "button", class: "small quiet-button", on: { click: () => act.decideTrack(track.id, word) } }, label);
  const head = h(
    "div",
    { class: "group-head" },
    name,
    h("span", { class: "spring" }),
    isMaster ? null : hear,
    h("span", { class: "group-verdicts" }, decide("accept", "Accept all"), decide("reject", "Reject all")),
  );
  const element = h(
    "section",
    { class: "group", "aria-label": track.name, data: { track: track.id } },
    head,
    h("ul", { class: "cards" }),
  );
  element.act = act;
  return element;
}

function updateGroup(element, { suggestions }, state) {
  show(element.querySelector(".group-verdicts"), suggestions.length > 1);
  keyed(element.lastChild, suggestions, {
    key: (suggestion) => suggestion.id,
    make: (suggestion) => cardOf(suggestion, element.act),
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
