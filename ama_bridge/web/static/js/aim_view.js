/** What the mix shall come near to: up to three references with a section each, or a style; and the mix as it is now. */

import { h, keyed, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem_line.js";
import { putTogether, takenApart, wrongTime } from "./sections.js";
import { problemAt, sessionOf } from "./store.js";
import { baseName } from "./words.js";

const USUAL = 3;

/** Fill the part; `act` holds addReference, moveReference, dropReference, chooseReference, chooseMix, dropMix, setAim. */
export function aimView(root, store, act) {
  const byReference = radio("reference", "References", act);
  const byStyle = radio("style", "Style", act);
  const list = h("ol", { class: "references" });
  const add = h(
    "button",
    { type: "button", class: "wide", id: "add-reference", on: { click: act.chooseReference } },
    icon("sound"),
    "Add a reference\u2026",
  );
  const hint = h("p", { class: "quiet" });
  const references = h("div", { class: "stack tight" }, list, add, hint);
  const styles = h("select", { id: "style", "aria-label": "Style", on: { change: () => act.setAim({ target: styles.value }) } });
  const about = h("p", { class: "quiet" });
  const style = h("div", { class: "stack tight" }, styles, about);
  const mix = h("div", { class: "mix-line" });
  root.append(
    h("h2", {}, "Come near to"),
    h("div", { class: "segmented", role: "radiogroup", "aria-label": "Come near to" }, byReference, byStyle),
    references,
    style,
    problemLine(store, "aim"),
    h("h2", {}, "Mix as it is now"),
    mix,
    problemLine(store, "mix"),
  );
  mix.append(...mixParts(act));

  store.watch((state) => {
    const session = sessionOf(state);
    if (!session) return;
    const aim = act.aimOf(state);
    byReference.firstChild.checked = aim.by === "reference";
    byStyle.firstChild.checked = aim.by === "style";
    show(references, aim.by === "reference");
    show(style, aim.by === "style");
    keyed(list, session.references, { key: (each) => each, make: (each) => referenceLine(each, store, act), update: () => {} });
    say(hint, hintFor(session.references.length));
    fillStyles(styles, about, state.service.targets, aim.target);
    updateMix(mix, session);
  });
}

function radio(value, label, act) {
  const input = h("input", { type: "radio", name: "aim", value, on: { change: () => act.setAim({ by: value }) } });
  return h("label", {}, input, h("span", {}, label));
}

function hintFor(count) {
  if (count === 0) return "Two or three finished songs that sound as yours should. Without any, the neutral style counts.";
  return count > USUAL ? "Two or three usually say it best." : "";
}

function referenceLine(reference, store, act) {
  const { path, from, to } = takenApart(reference);
  const name = h("bdi", { class: "name", title: path }, baseName(path));
  const fields = { from: timeField("From", from, "start"), to: timeField("to", to, "end") };
  const changed = () => {
    const typed = { from: fields.from.value.trim(), to: fields.to.value.trim() };
    const complaint = wrongTime(typed.from) || wrongTime(typed.to);
    problemAt(store, "aim", complaint ? { message: complaint } : null);
    const now = putTogether({ path, ...typed });
    if (!complaint && now !== reference) act.moveReference(reference, now);
  };
  for (const field of Object.values(fields)) {
    field.addEventListener("change", changed);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") Object.assign(field, { value: field === fields.from ? from : to });
    });
  }
  const remove = h(
    "button",
    {
      type: "button",
      class: "tool small",
      title: "Take it out",
      "aria-label": `Take ${baseName(path)} out`,
      on: { click: () => act.dropReference(reference) },
    },
    icon("remove"),
  );
  return h(
    "li",
    {},
    h("div", { class: "reference-head" }, name, remove),
    h(
      "div",
      { class: "section" },
      h("label", {}, h("span", {}, "From"), fields.from),
      h("label", {}, h("span", {}, "to"), fields.to),
      h("span", {}, "m:ss"),
    ),
  );
}

function timeField(label, value, placeholder) {
  return h("input", {
    type: "text",
    inputmode: "numeric",
    size: 5,
    value,
    placeholder,
    "aria-label": `${label} (m:ss)`,
    autocomplete: "off",
    spellcheck: "false",
  });
}

function fillStyles(select, about, targets, chosen) {
  const names = JSON.stringify(targets.map(({ name }) => name));
  if (select.told !== names) {
    select.told = names;
    select.replaceChildren(...targets.map(({ name }) => h("option", { value: name }, name)));
  }
  if (select.value !== chosen) select.value = chosen;
  say(about, targets.find(({ name }) => name === chosen)?.about ?? "");
}

function mixParts(act) {
  const name = h("bdi", { class: "name" });
  const remove = h(
    "button",
    { type: "button", class: "tool small", title: "Take it out", "aria-label": "Take the mix out", on: { click: act.dropMix } },
    icon("remove"),
  );
  const add = h(
    "button",
    { type: "button", class: "link", id: "choose-mix", on: { click: act.chooseMix } },
    "Choose a bounce\u2026",
  );
  return [name, remove, add, h("p", { class: "quiet" }, "Optional: AMA reads faders and pans from it.")];
}

function updateMix(line, { mix }) {
  const [name, remove, add, about] = line.children;
  say(name, mix ? baseName(mix) : "");
  name.title = mix ?? "";
  for (const part of [name, remove]) show(part, Boolean(mix));
  for (const part of [add, about]) show(part, !mix);
}
