/** One suggestion: what, why, how sure, what it brings, and the verdict; its values are edited in place. */

import { same, standing } from "./decisions.js";
import { editorOf } from "./editor.js";
import { h, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { pictureOf } from "./pictures.js";
import { showProblem } from "./problem_line.js";
import { decided } from "./ranges.js";
import { effectInWords, inWords, number, signed, staysAsItIs, sureness } from "./words.js";

const MEASURED = "rendered and measured";
const FORETOLD = "computed from the measured spectra";

/** Return a card; `act` holds decide(id, word), acceptAsSuggested(id), edit(id, values), hearOnly(id). */
export function cardOf(suggestion, act) {
  const { id } = suggestion;
  const verdict = (word, label) =>
    h(
      "button",
      {
        type: "button",
        class: `verdict ${word}`,
        title: label,
        "aria-pressed": "false",
        data: { verdict: word },
        on: { click: (event) => press(event, word) },
      },
      icon(word),
      h("span", { class: "unseen" }, label),
    );
  const accept = verdict("accept", "Accept (a)");
  const reject = verdict("reject", "Reject (r)");
  const what = h("p", { class: "what", id: `what-${id}` });
  const was = h("p", { class: "was" });
  const because = h("p", { class: "because" }, suggestion.because);
  const picture = h("div", { class: "picture" });
  const effect = effectPart(suggestion);
  const hear = h(
    "button",
    {
      type: "button",
      class: "tool",
      title: "Hear this one alone",
      "aria-label": "Hear this one alone",
      on: { click: () => act.hearOnly(id) },
    },
    icon("listen"),
  );
  const edit = h(
    "button",
    {
      type: "button",
      class: "tool",
      title: "Change the values (e)",
      "aria-label": "Change the values",
      on: { click: () => openEditor() },
    },
    icon("edit"),
  );
  const own = h(
    "button",
    { type: "button", class: "link", on: { click: () => act.acceptAsSuggested(id) } },
    "Use AMA\u2019s values",
  );
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const place = h("div", { class: "editor-place" });
  const body = h("div", { class: "card-words" }, what, h("p", { class: "was-line" }, was, own), because, place, problem);
  const element = h(
    "li",
    { class: "card", tabindex: -1, "aria-labelledby": `what-${id}`, data: { id } },
    h("div", { class: "verdicts", role: "group", "aria-label": "Verdict" }, accept, reject),
    picture,
    body,
    effect.element,
    h("div", { class: "card-tools" }, hear, edit),
  );
  const now = { suggestion, decision: null, editor: null };

  function press(event, word) {
    const stands = standing(now.decision);
    const isSet = word === "accept" ? ["accepted", "edited"].includes(stands) : stands === "rejected";
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
      preview: (values) => picture.replaceChildren(pictureOf(now.suggestion.kind, values)),
    });
    place.replaceChildren(now.editor);
    element.classList.add("editing");
    now.editor.querySelector("input, select")?.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  /** The words follow when the store tells of the edit. */
  function closeEditor() {
    now.editor = null;
    place.replaceChildren();
    element.classList.remove("editing");
    element.focus({ preventScroll: true });
    draw();
  }

  function draw() {
    const values = decided(now.suggestion, now.decision);
    const stands = standing(now.decision);
    if (!now.editor) {
      picture.replaceChildren(pictureOf(suggestion.kind, values));
      say(what, inWords(suggestion.kind, values, now.nameOf));
      say(was, stands === "edited" ? `AMA suggested: ${inWords(suggestion.kind, suggestion.values, now.nameOf)}` : "");
    }
    show(was.parentElement, stands === "edited");
    element.dataset.standing = stands;
    accept.setAttribute("aria-pressed", String(["accepted", "edited"].includes(stands)));
    reject.setAttribute("aria-pressed", String(stands === "rejected"));
  }

  element.card = {
    openEditor,
    update(each, state) {
      const decision = state.plan.decisions[id] ?? null;
      now.nameOf = (track) => state.plan.plan.session.tracks.find((other) => other.id === track)?.name ?? track;
      now.suggestion = each;
      const isFirst = !what.textContent;
      const moved = !same(now.decision, decision);
      now.decision = decision;
      if (isFirst || moved) draw();
      effect.update(state.plan.plan.verification?.before ?? 0, largest(state.plan.plan));
      showProblem(problem, state.problems[`decide:${id}`] ?? null);
      element.tabIndex = state.focused === id ? 0 : -1;
      element.classList.toggle("marked", Boolean(each.effect?.marked));
      element.classList.toggle("stays", staysAsItIs(each));
      element.classList.toggle("heard", state.subject.only?.includes(id) ?? false);
    },
  };
  return element;
}

function largest({ suggestions }) {
  return Math.max(...suggestions.map(({ effect }) => Math.abs(effect?.distance_delta ?? 0)), 1e-9);
}

/** The signed bar: to the left (nearer) or to the right (further), and how sure AMA is. */
function effectPart({ effect, confidence }) {
  const fill = h("i");
  const words = h("span", { class: "effect-words" });
  const bar = h("div", { class: "effect-bar", "aria-hidden": "true" }, fill);
  const marked = effect?.marked
    ? h(
        "span",
        {
          class: "mark",
          title: "It serves the track\u2019s role, not the distance: by itself it does not bring the mix nearer.",
        },
        "for its role",
      )
    : null;
  const sure = h(
    "span",
    { class: "sure", title: `${Math.round(confidence * 100)} % confidence` },
    h("i", { "aria-hidden": "true" }),
    `${sureness(confidence)} (${Math.round(confidence * 100)} %)`,
  );
  sure.firstChild.style.setProperty("--share", confidence);
  return {
    element: h("div", { class: "effect" }, h("div", { class: "effect-line" }, words, marked), bar, sure),
    update(before, most) {
      const delta = effect?.distance_delta ?? 0;
      say(words, effectInWords(effect, before));
      words.dataset.way = words.textContent.endsWith("nearer")
        ? "nearer"
        : words.textContent.endsWith("further")
          ? "further"
          : "";
      words.title = effect
        ? `Distance ${signed(delta, 5)}, tonal balance ${signed(effect.tonal_delta_db, 2)} dB, ${effect.predicted ? FORETOLD : MEASURED}${checked(effect)}`
        : "";
      const share = (Math.min(1, Math.abs(delta) / most) * 50).toFixed(1);
      fill.style.width = `${share}%`;
      fill.className = delta < 0 ? "nearer" : "further";
    },
  };
}

function checked({ checked_delta, excerpt_s }) {
  return checked_delta === null || checked_delta === undefined
    ? ""
    : `; a render of ${number(excerpt_s, 0)} s says ${signed(checked_delta, 5)}`;
}
