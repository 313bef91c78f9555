/** The service's own folders and files to choose from: a browser tells no page where a file lies. */

import { files } from "./api.js";
import { dialogOf } from "./dialog.js";
import { h, say, show } from "./dom.js";
import { icon } from "./icons.js";
import { showProblem } from "./problem_line.js";
import { baseName, size } from "./words.js";

const HOLDS = { ardour: "Ardour session", reaper: "REAPER project", session: "exported by AMA", stems: "sound files", "": "" };
const LAST = "ama.folder";

/** Return `{folder(), output(), sounds({title, several})}`, a folder to open, one to write into, and sound files: each shows the dialog and resolves to what was chosen, or null. */
export function createChooser() {
  const place = h("input", { type: "text", class: "path", "aria-label": "Folder", spellcheck: "false", autocomplete: "off" });
  const up = h("button", { type: "button", class: "tool", title: "One folder up", "aria-label": "One folder up" }, icon("up"));
  const list = h("ul", { class: "files", "aria-label": "What is there" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const nothing = h("p", { class: "quiet", hidden: true });
  const told = h("p", { class: "quiet told" });
  const choose = h("button", { type: "button", class: "primary", id: "choose" });
  const form = h(
    "form",
    { class: "path-line", on: { submit: (event) => (event.preventDefault(), go(typed())) } },
    up,
    place,
    h("button", { type: "submit", class: "small" }, "Go"),
  );
  const body = h("div", { class: "chooser" }, form, problem, list, nothing, h("div", { class: "dialog-end" }, told, choose));
  const dialog = dialogOf({ id: "chooser", title: "Open a folder", body });
  const heading = dialog.querySelector("h2");
  const now = { for: null, found: null, refused: null, chosen: new Set(), answer: null, turn: 0 };
  const typed = () => place.value.trim();
  const isListed = () => now.found !== null && typed() === now.found.folder;

  up.addEventListener("click", () => now.found?.parent && go(now.found.parent));
  choose.addEventListener("click", take);
  place.addEventListener("input", refresh);
  dialog.addEventListener("close", () => finish(null));
  list.addEventListener("keydown", (event) => walk(event, list));
  for (const kind of ["dragover", "drop"]) addEventListener(kind, keepFilesOut);

  /** List a folder; returns whether it can be read. */
  async function go(folder) {
    const turn = (now.turn += 1);
    choose.disabled = true;
    try {
      const found = await files(folder);
      if (turn !== now.turn) return false;
      Object.assign(now, { found, refused: null });
      now.chosen.clear();
      sessionStorage.setItem(LAST, now.found.folder);
      showProblem(problem, null);
      fill();
      return true;
    } catch (error) {
      if (turn !== now.turn) return false;
      showProblem(problem, error);
      now.refused = folder;
      if (!now.found) place.value = folder;
      refresh();
      return false;
    }
  }

  /** The button acts on what the path says: a folder that is not listed yet is read first. */
  async function take() {
    if (!isListed() && !(await go(typed()))) return;
    if (!choose.disabled) finish(chosenIn(now));
  }

  function fill() {
    const { folder, file, parent, folders, sounds } = now.found;
    if (!now.for.isFolder && sounds.some(({ path }) => path === file)) now.chosen.add(file);
    place.value = folder;
    dialog.dataset.folder = folder;
    up.disabled = !parent;
    const shown = now.for.isFolder ? sounds : sounds.map((each) => ({ ...each, choosable: true }));
    const projects = now.for.isFolder && !now.for.isOutput ? (now.found.projects ?? []) : [];
    list.replaceChildren(
      ...folders.map((each) => folderLine(each, { opens: now.for.isFolder && !now.for.isOutput, go, finish })),
      ...projects.map((each) => projectLine(each, finish)),
      ...shown.map((each) => soundLine(each, now, refresh)),
    );
    list.scrollTop = 0;
    list.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
    if (!form.contains(document.activeElement) || document.activeElement === up) list.querySelector("button.file")?.focus();
    say(nothing, now.for.isOutput ? "An empty folder." : "Nothing here that AMA can use.");
    show(nothing, list.children.length === 0);
    refresh();
  }

  function refresh() {
    if (!isListed()) {
      say(told, "");
      say(choose, now.for.isFolder ? `${now.for.verb} ${baseName(typed())}` : "Take it");
      choose.disabled = typed() === "" || typed() === now.refused;
      return;
    }
    const { folders, sounds, holds, projects = [] } = now.found;
    if (now.for.isOutput) {
      say(told, "A new folder is made here; nothing is written over.");
      say(choose, `${now.for.verb} ${baseName(now.found.folder)}`);
      choose.disabled = false;
    } else if (now.for.isFolder) {
      const usable = sounds.length > 0 || projects.length > 0 || Boolean(holds);
      say(told, usable ? `Here: ${hereInWords(sounds.length, projects)}.` : elsewhere(folders.length));
      say(choose, `${now.for.verb} ${baseName(openable(now.found))}`);
      choose.disabled = !usable;
    } else {
      say(told, now.for.about);
      say(choose, now.chosen.size > 1 ? `Take ${now.chosen.size} files` : "Take it");
      choose.disabled = now.chosen.size === 0;
    }
  }

  function finish(result) {
    const { answer } = now;
    now.answer = null;
    if (dialog.open) dialog.close();
    answer?.(result);
  }

  function open(wanted) {
    now.answer?.(null);
    now.for = wanted;
    say(heading, wanted.title);
    Object.assign(now, { found: null, refused: null });
    place.value = "";
    delete dialog.dataset.folder;
    list.replaceChildren();
    choose.disabled = true;
    dialog.showModal();
    go(wanted.folder ?? sessionStorage.getItem(LAST) ?? "");
    return new Promise((resolve) => {
      now.answer = resolve;
    });
  }

  return {
    folder: () => open({ title: "Open a folder", verb: "Open", isFolder: true }),
    output: () => open({ title: "Write into a folder", verb: "Write into", isFolder: true, isOutput: true }),
    sounds: ({ title, about, several, folder }) => open({ title, about, several, folder, isFolder: false }),
  };
}

function chosenIn({ for: { isFolder, isOutput }, found, chosen }) {
  if (isOutput) return found.folder;
  return isFolder ? openable(found) : [...chosen];
}

function hereInWords(sounds, projects) {
  const parts = projects.map(({ holds }) => HOLDS[holds]);
  if (sounds) parts.push(`${sounds} sound file${sounds === 1 ? "" : "s"}`);
  return parts.join(", ") || "something that AMA exported";
}

/** The folder, or the project in it that was named. */
function openable({ folder, file, projects = [] }) {
  return projects.some(({ path }) => path === file) ? file : folder;
}

function elsewhere(folders) {
  if (!folders) return "";
  return `${folders} folder${folders === 1 ? "" : "s"}. Open the one with your stems or your session.`;
}

function folderLine({ name, path, holds }, { opens, go, finish }) {
  const enter = h(
    "button",
    { type: "button", class: "file", on: { click: () => go(path) } },
    icon("folder"),
    h("bdi", { class: "name" }, name),
    h("span", { class: "quiet" }, HOLDS[holds] ?? holds),
  );
  const open =
    opens && holds
      ? h("button", { type: "button", class: "small", "aria-label": `Open ${name}`, on: { click: () => finish(path) } }, "Open")
      : null;
  return h("li", {}, enter, open);
}

function projectLine({ name, path, holds }, finish) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "file", on: { click: () => finish(path) } },
      icon("sound"),
      h("bdi", { class: "name" }, name),
      h("span", { class: "quiet" }, HOLDS[holds] ?? ""),
    ),
  );
}

function soundLine({ name, path, size_bytes, choosable }, now, refresh) {
  const words = [icon("sound"), h("bdi", { class: "name" }, name), h("span", { class: "quiet" }, size(size_bytes))];
  if (!choosable) return h("li", { class: "file-there" }, h("div", { class: "file" }, words));
  const button = h("button", { type: "button", class: "file", "aria-pressed": String(now.chosen.has(path)) }, words);
  button.addEventListener("click", () => {
    const isChosen = now.chosen.has(path);
    if (!now.for.several) {
      now.chosen.clear();
      for (const other of button.closest("ul").querySelectorAll("[aria-pressed=true]"))
        other.setAttribute("aria-pressed", "false");
    }
    if (isChosen) now.chosen.delete(path);
    else now.chosen.add(path);
    button.setAttribute("aria-pressed", String(!isChosen));
    refresh();
  });
  return h("li", {}, button);
}

/** A file that is dropped would take the page away, and tells it no path. */
function keepFilesOut(event) {
  if (!event.dataTransfer?.types.some((type) => ["Files", "text/uri-list"].includes(type))) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

function walk(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...list.querySelectorAll("button.file")];
  buttons[Math.max(0, Math.min(buttons.length - 1, buttons.indexOf(document.activeElement) + step))]?.focus();
}
