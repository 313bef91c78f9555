/** What became of each suggestion, as the DAW's receipt says it; and what was taken back. */

import { h } from "./dom.js";
import { decided } from "./ranges.js";
import { dawTitle, inWords, number, when } from "./words.js";

/** Return a receipt of `shown` (a plan with its decisions) as a list; `folder` is where its files lie, or "". */
export function receiptOf({ receipt, at }, shown, folder) {
  const { applied, skipped, conflicting, read_back, notes, files } = receipt;
  const head = [`${applied.length} applied`];
  if (conflicting.length) head.push(`${conflicting.length} in conflict`);
  if (skipped.length) head.push(`${skipped.length} left out`);
  const read = new Map();
  for (const each of read_back) read.set(each.suggestion, [...(read.get(each.suggestion) ?? []), each]);
  return h(
    "article",
    { class: "receipt" },
    h("h4", {}, `${dawTitle(receipt.daw)}: ${head.join(", ")}`, h("time", { class: "quiet", datetime: at }, when(at))),
    ...notes.map((note) => h("p", { class: "note" }, note)),
    folder && files.length
      ? h("p", { class: "quiet" }, `${files.length} files in `, h("code", { class: "delivery-path" }, folder))
      : null,
    listOf(
      "conflicting",
      conflicting.map(({ suggestion, reason }) => lineOf("In conflict", suggestion, shown, reason)),
    ),
    listOf(
      "applied",
      applied.map((id) => lineOf("Applied", id, shown, readBack(read.get(id)))),
    ),
    skipped.length
      ? h(
          "details",
          { open: applied.length === 0 },
          h("summary", {}, `${skipped.length} left out`),
          listOf(
            "skipped",
            skipped.map(({ suggestion, reason }) => lineOf("Left out", suggestion, shown, reason)),
          ),
        )
      : null,
  );
}

function listOf(name, lines) {
  return lines.length ? h("ul", { class: `receipt-list ${name}` }, ...lines) : null;
}

function lineOf(what, id, { plan, decisions }, more) {
  const suggestion = plan.suggestions.find((each) => each.id === id);
  const nameOf = (track) =>
    plan.session.tracks.find((each) => each.id === track)?.name ?? (track === "master" ? "Master" : track);
  const words = suggestion ? `${inWords(suggestion.kind, decided(suggestion, decisions[id]), nameOf)}` : id;
  return h(
    "li",
    {},
    h("span", { class: "unseen" }, `${what}: `),
    suggestion ? h("bdi", { class: "receipt-track" }, nameOf(suggestion.track)) : null,
    h("span", {}, words),
    more ? h("span", { class: "quiet" }, more) : null,
  );
}

function readBack(entries) {
  if (!entries) return "";
  const [first] = entries;
  return entries.length === 1 ? `read back: ${first.what} ${number(first.read, 2)}` : `${entries.length} values read back`;
}

/** Return what was taken back, what was not, and why. */
export function revertedOf({ daw, restored, conflicting, gone, note }) {
  const part = (name, title, lines) =>
    lines.length
      ? [
          h("p", { class: "receipt-part" }, title),
          h("ul", { class: `receipt-list ${name}` }, ...lines.map((line) => h("li", {}, h("span", {}, line)))),
        ]
      : [];
  return h(
    "article",
    { class: "receipt reverted" },
    h("h4", {}, `${dawTitle(daw)}: ${restored.length} taken back`),
    note ? h("p", { class: "note" }, note) : null,
    ...part("conflicting", "Left as it is, because it was changed since", conflicting),
    ...part("gone", "Not there any more", gone),
    ...part("applied", "Restored", restored),
  );
}
