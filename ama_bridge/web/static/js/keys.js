/** The keyboard: j and k walk through the suggestions, a r u e decide, space x 1 2 listen; and the dialog that says so. */

import { dialogOf } from "./dialog.js";
import { h, isTyping } from "./dom.js";

const TABLE = [
  ["j  k", "next, previous suggestion (arrows too)"],
  ["a  r  u", "accept, reject, undecided"],
  ["e", "change the values; Enter keeps, Escape leaves"],
  ["h", "hear this suggestion alone"],
  ["Ctrl+Z  Ctrl+Shift+Z", "undo and redo decisions"],
  ["space", "play, pause"],
  ["x", "switch between before and after, from a reference back to the mix"],
  ["1  2", "before, after"],
  ["3  4  5", "the references"],
  ["\u2190  \u2192", "on the waveform: back and forth, with Shift in small steps"],
  ["drag", "on the waveform: loop; Escape ends it"],
  ["?", "this list"],
];

/** Return `{open}` of the dialog. */
export function keysView() {
  const rows = TABLE.map(([keys, what]) =>
    h("tr", {}, h("th", { scope: "row" }, ...keys.split("  ").map((key) => h("kbd", {}, key))), h("td", {}, what)),
  );
  const dialog = dialogOf({ id: "keys", title: "Keys", body: h("table", { class: "keys" }, h("tbody", {}, ...rows)) });
  return { open: () => dialog.showModal() };
}

/** Listen to the keyboard; `act` holds undo, redo, decide, edit, hearOnly, openKeys; `player` and `listening` sound. */
export function followKeys(store, act, player, listening) {
  addEventListener("keydown", (event) => {
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey) {
      history_(event, act);
      return;
    }
    if (event.altKey) return;
    const done = onSuggestion(event, store, act) || onPlayer(event, player, listening) || onPage(event, act);
    if (done) event.preventDefault();
  });
  document.getElementById("suggestions").addEventListener("focusin", (event) => {
    const id = event.target.closest?.(".card")?.dataset.id ?? null;
    if (id && id !== store.get().focused) store.set({ focused: id });
  });
}

function history_(event, act) {
  const key = event.key.toLowerCase();
  const isRedo = (key === "z" && event.shiftKey) || key === "y";
  if (key !== "z" && !isRedo) return;
  event.preventDefault();
  if (isRedo) act.redo();
  else act.undo();
}

function onSuggestion(event, store, act) {
  const cards = [...document.querySelectorAll("#suggestions .card")];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const isCard = at >= 0 && document.activeElement === cards[at];
  const steps = { j: 1, k: -1, ...(isCard ? { ArrowDown: 1, ArrowUp: -1 } : {}) };
  if (event.key in steps && cards.length) {
    const next = at < 0 ? remembered(cards, store.get().focused) : Math.max(0, Math.min(cards.length - 1, at + steps[event.key]));
    cards[next].focus();
    return true;
  }
  if (at < 0) return false;
  const { id } = cards[at].dataset;
  const meant = {
    a: () => act.decide(id, "accept"),
    r: () => act.decide(id, "reject"),
    u: () => act.decide(id, "clear"),
    e: () => cards[at].card.openEditor(),
    h: () => act.hearOnly(id),
  }[event.key];
  if (event.key === "Enter" && isCard) cards[at].card.openEditor();
  else if (meant) meant();
  else return false;
  return true;
}

function remembered(cards, id) {
  return Math.max(
    0,
    cards.findIndex((card) => card.dataset.id === id),
  );
}

function onPlayer(event, player, listening) {
  const wave = document.activeElement?.closest(".waveform");
  const side = { 1: "before", 2: "after" }[event.key] ?? (/^[3-9]$/.test(event.key) ? `reference ${event.key - 2}` : null);
  if (event.key === " " && !document.activeElement?.closest("button, a, summary, label, input")) listening.toggle();
  else if (event.key === "x") listening.swap();
  else if (side) listening.hear(side);
  else if (event.key === "Escape" && player.loop) player.setLoop(null);
  else if (wave && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) seekBy(event, player);
  else return false;
  return true;
}

function seekBy(event, player) {
  const step = (event.shiftKey ? 0.1 : 1) * (event.key === "ArrowLeft" ? -1 : 1);
  const to = { Home: 0, End: player.duration() }[event.key] ?? player.position() + step;
  player.seek(to);
}

function onPage(event, act) {
  if (event.key !== "?") return false;
  act.openKeys();
  return true;
}
