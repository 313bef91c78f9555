/** The rail: which session, its tracks, what it shall come near to, and the one button. */

import { h, keyed, say, show } from "./dom.js";
import { aimView } from "./aim_view.js";
import { icon } from "./icons.js";
import { problemLine } from "./problem_line.js";
import { engineView, suggestView } from "./suggest_view.js";
import { sessionOf } from "./store.js";
import { fader as faderInWords, panned } from "./words.js";

const WIDE = matchMedia("(min-width: 901px)");

/** Fill the rail; `act` holds openSession, openRemove, chooseFolder, and what the parts below need. */
export function sessionView(root, store, act) {
  const list = h("ul", { class: "sessions" });
  const empty = h(
    "div",
    { class: "empty", id: "no-session" },
    h("p", {}, h("strong", {}, "Nothing here yet.")),
    h("p", {}, "Open a folder with stems, an Ardour session or a REAPER project."),
    h("p", {}, "Or choose ", h("em", {}, "AMA Export"), " in your DAW: what it exports appears here by itself."),
  );
  const recent = h("details", { class: "recent" }, h("summary", {}, "Opened before"), h("ul", { class: "plain" }));
  const open = h(
    "button",
    { type: "button", class: "wide", id: "open-folder", on: { click: act.chooseFolder } },
    icon("folder"),
    "Open folder\u2026",
  );
  const notes = h("ul", { class: "warnings notes", "aria-label": "Notes on the session" });
  const tracks = h("tbody");
  const table = h("table", { class: "tracks" }, h("caption", { class: "unseen" }, "Tracks"), heads(), tracks);
  const about = h("span", { class: "quiet" });
  const detail = h("details", { class: "tracks-box", open: WIDE.matches }, h("summary", {}, h("h2", {}, "Tracks"), about), problemLine(store, "tracks"), table);
  const aim = h("div", { class: "stack", id: "aim" });
  const suggest = h("div", { class: "stack suggesting", id: "suggesting", tabindex: -1 });
  const name = h("bdi", { class: "name" });
  const fold = h("button", {
    type: "button",
    class: "small",
    id: "fold",
    "aria-expanded": "true",
    on: { click: () => folded(!root.classList.contains("folded")) },
  });
  root.append(
    h("div", { class: "rail-head" }, h("h2", {}, "Session"), name, fold),
    problemLine(store, "service"),
    empty,
    list,
    open,
    problemLine(store, "open"),
    recent,
    notes,
    aim,
    detail,
    suggest,
  );
  aimView(aim, store, act);
  engineView(aim, store, act);
  suggestView(suggest, store, act);

  /** In a narrow window the rail makes room for the suggestions once there are some. */
  function folded(isFolded) {
    root.classList.toggle("folded", isFolded);
    fold.setAttribute("aria-expanded", String(!isFolded));
    say(fold, isFolded ? "Show" : "Hide");
  }
  folded(false);

  store.watch((state, before) => {
    const sessions = state.service?.sessions ?? [];
    if (state.plan && !before.plan && !WIDE.matches) folded(true);
    say(name, state.sessionName ?? "");
    const session = sessionOf(state);
    const isEmpty = state.service !== null && sessions.length === 0;
    show(empty, isEmpty);
    open.classList.toggle("primary", isEmpty);
    keyed(list, sessions, {
      key: (each) => each.name,
      make: (each) => sessionLine(each, act),
      update: (element, each) => updateSession(element, each, each.name === state.sessionName),
    });
    for (const part of [detail, aim, suggest]) show(part, session !== null);
    if (session) fillTracks(tracks, about, session, tracksOf(state, session), act);
    fillNotes(notes, notesOn(session, state.warnings[state.sessionName] ?? []));
    fillRecent(recent, act, sessions);
  });
}

function sessionLine({ name }, act) {
  const choose = () => act.openSession(name);
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "session", on: { click: choose } },
      h("bdi", { class: "name" }, name),
      h("span", { class: "quiet" }),
    ),
    h(
      "button",
      {
        type: "button",
        class: "tool small remove-session",
        title: "Remove this session",
        "aria-label": `Remove ${name}`,
        on: { click: () => act.openRemove(name) },
      },
      icon("bin"),
    ),
  );
}

function updateSession(element, session, chosen) {
  const button = element.firstChild;
  const count = session.tracks.length;
  button.setAttribute("aria-current", String(chosen));
  button.title = session.name;
  say(
    button.lastChild,
    `${count} track${count === 1 ? "" : "s"} \u00b7 ${session.daw || "folder"}${session.committed ? "" : " \u00b7 not complete yet"}`,
  );
}

function heads() {
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("th", { scope: "col" }, "Track"),
      h("th", { scope: "col", class: "figure" }, "Fader"),
      h("th", { scope: "col", class: "figure" }, "Pan"),
      h("th", { scope: "col", class: "lock" }, h("span", { class: "unseen" }, "Locked")),
    ),
  );
}

/** Where the mix as it is now tells faders and pans, they stand as the plan begins. */
function tracksOf({ plan }, { name, mix, tracks }) {
  if (!mix || plan?.plan.session.mix !== mix || plan.plan.session.name !== name) return tracks;
  const read = new Map(plan.plan.session.tracks.map((track) => [track.id, track]));
  return tracks.map((track) => ({ ...track, ...read.get(track.id), locked: track.locked }));
}

function fillTracks(body, about, session, shown, act) {
  const rate = session.sample_rate_hz ? `${Number((session.sample_rate_hz / 1000).toFixed(1))} kHz` : "";
  say(about, [session.tracks.length, rate].filter(Boolean).join(" \u00b7 "));
  keyed(body, shown, {
    key: (track) => track.id,
    make: (track) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, h("bdi", { class: "name" }), h("span", { class: "quiet role" })),
        h("td", { class: "figure" }),
        h("td", { class: "figure" }),
        h("td", { class: "lock" }, lockButton(track.id, act)),
      ),
    update: (row, track) => {
      const [name, fader, pan, lock] = row.children;
      say(name.firstChild, track.name);
      name.firstChild.title = track.name;
      say(name.lastChild, [track.role, track.muted ? "muted" : "", track.automated.length ? "automated" : ""].filter(Boolean).join(" \u00b7 "));
      say(fader, faderInWords(track.fader_db));
      say(pan, panned(track.pan));
      row.classList.toggle("muted", track.muted);
      updateLock(lock.firstChild, track);
    },
  });
}

function lockButton(id, act) {
  const press = ({ currentTarget }) => act.lock(id, currentTarget.getAttribute("aria-pressed") !== "true");
  return h("button", { type: "button", class: "tool small", on: { click: press } }, icon("open"), icon("lock"));
}

function updateLock(button, { name, locked }) {
  button.setAttribute("aria-pressed", String(locked));
  button.setAttribute("aria-label", `Lock ${name}`);
  button.title = locked
    ? "Locked: the next suggestions leave this track as it is, and the others come to it."
    : "Lock: leave this track as it is when AMA suggests.";
}

const ONE_FILE =
  "One track, and its name tells no instrument. AMA mixes stems: a finished song can be taken apart with `ama separate`, or be a reference for another session.";

function notesOn(session, warnings) {
  const isOne = session?.tracks.length === 1 && session.tracks[0].role === "other";
  return isOne ? [...warnings, ONE_FILE] : warnings;
}

function fillNotes(list, told) {
  if (list.told === told.join("\n")) return;
  list.told = told.join("\n");
  list.replaceChildren(...told.map((text) => h("li", {}, text)));
}

function fillRecent(details, act, sessions) {
  const paths = act.recent().filter((path) => !sessions.some(({ folder }) => folder === path));
  show(details, paths.length > 0);
  keyed(details.lastChild, paths, {
    key: (path) => path,
    make: (path) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "link", title: path, on: { click: () => act.openPath(path) } }, h("bdi", {}, path)),
      ),
  });
}
