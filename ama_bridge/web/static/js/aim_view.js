/** What the mix shall come near to: up to three references with a section each, or a style; and the mix as it is now. */

import { h, keyed, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem_line.js";
import { putTogether, takenApart, wrongTime } from "./sections.js";
import { problemAt, sessionOf } from "./store.js";
import { baseName } from "./words.js";

const USUAL = 3;

let made = 0;

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
  const style = h("div", { class: "stack tight" }, styles);
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
  let rows = [];
  let sessionName = null;

  /** The focus goes on to the next reference, or to the button that adds one. */
  async function dropRow(row, element) {
    const next = element.nextElementSibling ?? element.previousElementSibling;
    (next?.querySelector("button") ?? add).focus();
    await row.taken;
    await act.dropReference(row.holds[0]);
  }

  store.watch((state) => {
    const session = sessionOf(state);
    if (!session) return;
    const aim = act.aimOf(state);
    byReference.firstChild.checked = aim.by === "reference";
    byStyle.firstChild.checked = aim.by === "style";
    show(references, aim.by === "reference");
    show(style, aim.by === "style");
    rows = rowsFor(session.references, sessionName === session.name ? rows : []);
    sessionName = session.name;
    keyed(list, rows, {
      key: (row) => row,
      make: (row) => referenceLine(row, store, act, dropRow),
      update: (element) => element.section.update(),
    });
    say(hint, hintFor(session.references.length));
    fillStyles(styles, state.service.targets, aim.target);
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

/** Each reference keeps the row that it had, so that its section can be typed. A row `holds` what it stands for, and while its section moves what takes
its place too; a section of which it does not know is that of its file, changed by someone else. */
function rowsFor(references, known) {
  const left = new Set(references);
  const isThere = (row) => row.holds.filter((each) => left.delete(each)).length > 0;
  const lost = new Set(known.filter((row) => !isThere(row)));
  for (const reference of [...left]) {
    const isOf = ({ holds }) => takenApart(holds[0]).path === takenApart(reference).path;
    const row = [...lost].find(isOf);
    if (!row) continue;
    row.holds = [reference];
    lost.delete(row);
    left.delete(reference);
  }
  return [...known.filter((row) => !lost.has(row)), ...[...left].map((each) => ({ holds: [each], taken: Promise.resolve() }))];
}

function referenceLine(row, store, act, dropRow) {
  const { path } = takenApart(row.holds[0]);
  const remove = h(
    "button",
    {
      type: "button",
      class: "tool small",
      title: "Take it out",
      "aria-label": `Take ${baseName(path)} out`,
      on: { click: () => dropRow(row, element) },
    },
    icon("remove"),
  );
  made += 1;
  const name = h("bdi", { class: "name", id: `reference-${made}`, title: path }, baseName(path));
  const section = sectionOf(row, store, act, name.id);
  const element = h(
    "li",
    {},
    h("div", { class: "reference-head" }, name, remove),
    section.element,
  );
  element.section = section;
  return element;
}

/** The two times of a reference. They count when Enter is pressed or the focus leaves both; what is refused stays to be corrected, Escape brings back what counts. */
function sectionOf(row, store, act, about) {
  const fields = { from: timeField("From", "start", about), to: timeField("to", "end", about) };
  const now = { shown: null, refused: null };
  const typed = () => ({ from: fields.from.value.trim(), to: fields.to.value.trim() });
  const same = (one, other) => one?.from === other?.from && one?.to === other?.to;

  /** Show what counts. */
  function fill() {
    if (now.refused) problemAt(store, "aim", null);
    Object.assign(now, { shown: row.holds[0], refused: null });
    const { from, to } = takenApart(now.shown);
    fields.from.value = from;
    fields.to.value = to;
    for (const field of Object.values(fields)) field.removeAttribute("aria-invalid");
  }

  async function take() {
    const wanted = typed();
    if (same(wanted, takenApart(now.shown))) return fill();
    if (same(wanted, now.refused)) return undefined;
    const complaint = wrongTime(wanted.from) || wrongTime(wanted.to);
    if (complaint) problemAt(store, "aim", { message: complaint });
    const isTaken = !complaint && (await moved(wanted));
    if (!isTaken) {
      now.refused = wanted;
      for (const field of Object.values(fields)) field.setAttribute("aria-invalid", "true");
    } else if (same(typed(), wanted)) fill();
    else [now.shown] = row.holds;
    return undefined;
  }

  async function moved({ from, to }) {
    const [was] = row.holds;
    const reference = putTogether({ path: takenApart(was).path, from, to });
    if (reference === was) return true;
    row.holds = [was, reference];
    const isTaken = await act.moveReference(was, reference);
    row.holds = [isTaken ? reference : was];
    return isTaken;
  }

  const takeInTurn = () => (row.taken = row.taken.then(take));
  const element = h(
    "div",
    {
      class: "section",
      on: {
        focusout: (event) => element.contains(event.relatedTarget) || takeInTurn(),
        keydown: (event) => {
          if (event.key === "Enter") takeInTurn();
          if (event.key === "Escape") fill();
        },
      },
    },
    h("label", {}, h("span", {}, "From"), fields.from),
    h("label", {}, h("span", {}, "to"), fields.to),
    h("span", {}, "m:ss"),
  );
  fill();
  return {
    element,
    /** What someone else changed is shown where nothing is being typed. */
    update() {
      const isMoving = row.holds.length > 1;
      if (!isMoving && now.shown !== row.holds[0] && same(typed(), takenApart(now.shown))) fill();
    },
  };
}

function timeField(label, placeholder, about) {
  return h("input", {
    type: "text",
    inputmode: "numeric",
    size: 5,
    placeholder,
    "aria-label": `${label} (m:ss)`,
    "aria-describedby": about,
    autocomplete: "off",
    spellcheck: "false",
  });
}

function fillStyles(select, targets, chosen) {
  const names = JSON.stringify(targets.map(({ name }) => name));
  if (select.told !== names) {
    select.told = names;
    select.replaceChildren(...targets.map(({ name, about }) => h("option", { value: name }, about || name)));
  }
  if (select.value !== chosen) select.value = chosen;
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
