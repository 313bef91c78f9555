/** One suggestion: what, why, how sure, what it brings, and the verdict; its values are edited in place. */

import { same, standing } from "./decisions.js";
import { h, say, show } from "./dom.js";
import { editorOf } from "./editor.js";
import { effectOf } from "./effect.js";
import { icon } from "./icons.js";
import { pictureOf } from "./pictures.js";
import { showProblem } from "./problem_line.js";
import { decided } from "./ranges.js";
import { problemOf } from "./store.js";
import { inWords, namesIn, staysAsItIs, typeset } from "./words.js";

let made = 0;

/** Return a card; `act` holds decide(id, word), acceptAsSuggested(id), edit(id, values), hearOnly(id); the element with `trackId` names the track. */
export function cardOf(suggestion, act, trackId) {
  const { id } = suggestion;
  const now = { suggestion, decision: null, editor: null, nameOf: (track) => track };
  const parts = partsOf(suggestion, trackId, {
    press,
    openEditor,
    hear: () => act.hearOnly(id),
    acceptAsSuggested: () => act.acceptAsSuggested(id),
  });
  const { element } = parts;

  /** A press on what is set already takes it back; after a click the card has the focus, so that keys go on from there. */
  function press(event, word) {
    const isSet = isPressed(standing(now.decision))[word];
    act.decide(id, isSet ? "clear" : word);
    if (event.detail) element.focus({ preventScroll: true });
  }

  function openEditor() {
    if (now.editor) return;
    now.editor = editorOf(now.suggestion, decided(now.suggestion, now.decision), {
      save: (values) => {
        act.edit(id, values);
        closeEditor();
      },
      cancel: closeEditor,
      preview: (values) => parts.picture.replaceChildren(pictureOf(suggestion.kind, values)),
    });
    parts.place.replaceChildren(now.editor);
    element.classList.add("editing");
    now.editor.querySelector("input, select")?.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  /** The words follow when the store tells of the edit. */
  function closeEditor() {
    now.editor = null;
    parts.place.replaceChildren();
    element.classList.remove("editing");
    element.focus({ preventScroll: true });
    draw(parts, now);
  }

  element.card = {
    openEditor,
    update(each, state) {
      const decision = state.plan.decisions[id] ?? null;
      const isFirst = !parts.what.textContent;
      const moved = !same(now.decision, decision);
      Object.assign(now, { suggestion: each, decision, nameOf: namesIn(state.plan.plan) });
      if (isFirst || moved) draw(parts, now);
      parts.effect.update(state.plan.plan.verification?.before ?? 0, largest(state.plan.plan));
      showProblem(parts.problem, problemOf(state, `decide:${id}`));
      element.tabIndex = state.focused === id ? 0 : -1;
      element.classList.toggle("stays", staysAsItIs(each));
      element.classList.toggle("heard", state.subject.only?.includes(id) ?? false);
    },
  };
  return element;
}

function partsOf(suggestion, trackId, on) {
  made += 1;
  const what = h("p", { class: "what", id: `what-${made}` });
  const about = `${trackId} ${what.id}`;
  const accept = verdictButton("accept", "Accept (a)", about, on.press);
  const reject = verdictButton("reject", "Reject (r)", about, on.press);
  const was = h("p", { class: "was" });
  const own = h("button", { type: "button", class: "link", "aria-describedby": about, on: { click: on.acceptAsSuggested } }, "Use AMA\u2019s values");
  const picture = h("div", { class: "picture" });
  const effect = effectOf(suggestion);
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const place = h("div", { class: "editor-place" });
  const because = h("p", { class: "because" }, typeset(suggestion.because));
  const element = h(
    "li",
    { class: "card", tabindex: -1, "aria-labelledby": what.id, data: { id: suggestion.id } },
    h("div", { class: "verdicts", role: "group", "aria-label": "Verdict" }, accept, reject),
    picture,
    h("div", { class: "card-words" }, what, h("p", { class: "was-line" }, was, own), because, place, problem),
    effect.element,
    h(
      "div",
      { class: "card-tools" },
      toolButton("listen", "Hear this one alone", "h", about, on.hear),
      toolButton("edit", "Change the values", "e", about, on.openEditor),
    ),
  );
  return { element, accept, reject, what, was, picture, effect, problem, place };
}

function verdictButton(word, label, about, press) {
  return h(
    "button",
    {
      type: "button",
      class: `verdict ${word}`,
      title: label,
      "aria-describedby": about,
      "aria-pressed": "false",
      on: { click: (event) => press(event, word) },
    },
    icon(word),
    h("span", { class: "unseen" }, label),
  );
}

function toolButton(name, label, key, about, click) {
  return h(
    "button",
    { type: "button", class: "tool", title: `${label} (${key})`, "aria-label": label, "aria-describedby": about, on: { click } },
    icon(name),
  );
}

function draw({ element, accept, reject, what, was, picture }, { suggestion, decision, editor, nameOf }) {
  const values = decided(suggestion, decision);
  const stands = standing(decision);
  if (!editor) {
    picture.replaceChildren(pictureOf(suggestion.kind, values));
    say(what, inWords(suggestion.kind, values, nameOf));
    say(was, stands === "edited" ? `AMA suggested: ${inWords(suggestion.kind, suggestion.values, nameOf)}` : "");
  }
  show(was.parentElement, stands === "edited");
  element.dataset.standing = stands;
  const pressed = isPressed(stands);
  accept.setAttribute("aria-pressed", String(pressed.accept));
  reject.setAttribute("aria-pressed", String(pressed.reject));
}

function isPressed(stands) {
  return { accept: ["accepted", "edited"].includes(stands), reject: stands === "rejected" };
}

function largest({ suggestions }) {
  return Math.max(...suggestions.map(({ effect }) => Math.abs(effect?.distance_delta ?? 0)), 1e-9);
}
