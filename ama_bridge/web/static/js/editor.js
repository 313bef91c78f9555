/** The values of a suggestion as fields with unit and range: Enter keeps, Escape leaves, arrows step (with Shift ten steps). */

import { h, say, show } from "./dom.js";
import { parsed, RANGES, wrong } from "./ranges.js";

/** Return the form; `act` holds save(values), cancel(), preview(values). */
export function editorOf(suggestion, values, act) {
  const typed = { ...values };
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const fields = Object.entries(RANGES[suggestion.kind])
    .filter(([, range]) => !range.follows && !range.fixed)
    .map(([name, range]) => fieldOf(name, range, typed, () => checkAll(false)));

  function checkAll(aloud) {
    let first = "";
    for (const field of fields) {
      const complaint = field.read(typed);
      field.element.classList.toggle("wrong", Boolean(complaint));
      first ||= complaint;
    }
    if (!first) act.preview(suggestion.kind === "gain" ? moved(values, typed) : typed);
    if (aloud || !first) {
      say(problem, first);
      show(problem, Boolean(first));
    }
    return !first;
  }

  const save = (event) => {
    event.preventDefault();
    if (checkAll(true)) act.save(suggestion.kind === "gain" ? moved(values, typed) : { ...typed });
  };
  return h(
    "form",
    {
      class: "editor",
      novalidate: true,
      "aria-label": "Values",
      on: {
        submit: save,
        keydown: (event) => {
          if (event.key === "Enter" && !event.target.closest("button")) save(event);
          if (event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          act.cancel();
        },
      },
    },
    h("div", { class: "fields" }, ...fields.map((field) => field.element)),
    h(
      "div",
      { class: "editor-end" },
      h("button", { type: "submit", class: "small primary" }, "Keep"),
      h("button", { type: "button", class: "small", on: { click: act.cancel } }, "Cancel"),
      h("span", { class: "quiet" }, "Enter keeps, Escape leaves"),
    ),
    problem,
  );
}

/** A fader follows its step. */
function moved(values, { delta_db }) {
  return { delta_db, fader_db: values.fader_db - values.delta_db + delta_db };
}

function fieldOf(name, range, typed, changed) {
  if (range.flag) return flagField(name, range, typed, changed);
  if (range.choices) return choiceField(name, range, typed, changed);
  return numberField(name, range, typed, changed);
}

function labelled(range, input) {
  const [label] = range.label.split(" (");
  return h(
    "label",
    { title: range.min === undefined ? range.label : `${range.label}: ${range.min} to ${range.max} ${range.unit}` },
    h("span", { class: "field-name" }, label),
    h("span", { class: "field" }, input, range.unit ? h("span", { class: "unit" }, range.unit) : null),
  );
}

function flagField(name, range, typed, changed) {
  const input = h("input", { type: "checkbox", name, checked: typed[name], on: { change: changed } });
  return {
    element: labelled(range, input),
    read: (values) => {
      values[name] = input.checked;
      return "";
    },
  };
}

function choiceField(name, range, typed, changed) {
  const input = h(
    "select",
    { name, on: { change: changed } },
    ...Object.entries(range.choices).map(([value, label]) =>
      h("option", { value, selected: String(typed[name]) === value }, label),
    ),
  );
  return {
    element: labelled(range, input),
    read: (values) => {
      values[name] = range.whole ? Number(input.value) : input.value;
      return "";
    },
  };
}

function numberField(name, range, typed, changed) {
  const scale = range.scale ?? 1;
  const shown = (value) => String(Number(value.toFixed(3)));
  const input = h("input", {
    type: "text",
    inputmode: "decimal",
    name,
    value: shown(typed[name] * scale),
    autocomplete: "off",
    on: { input: changed, focus: () => input.select(), keydown: step },
  });

  function step(event) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const now = parsed(input.value);
    if (!Number.isFinite(now)) return;
    const next = now + way * stepAt(range, now) * (event.shiftKey ? 10 : 1);
    input.value = shown(Math.max(range.min, Math.min(range.max, next)));
    changed();
  }

  return {
    element: labelled(range, input),
    read: (values) => {
      const value = parsed(input.value);
      const complaint = wrong(range, value);
      if (!complaint) values[name] = value / scale;
      input.setAttribute("aria-invalid", String(Boolean(complaint)));
      return complaint;
    },
  };
}

/** A frequency steps by about a semitone's sixth, whatever it is. */
function stepAt(range, now) {
  return range.unit === "Hz" ? Math.max(1, Math.round(now / 100)) : range.step;
}
