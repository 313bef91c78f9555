/** What this browser keeps: the folders that were opened lately, and until the window is closed what the service was not told yet. Everything else is the service's. */

const FOLDERS = "ama.recent";
const UNSENT = "ama.unsent";
const KEPT = 6;

/** Return the paths of folders that were opened, the newest first. */
export function recent() {
  return listIn("localStorage", FOLDERS).filter((each) => typeof each === "string");
}

/** Put a path at the front. */
export function remember(path) {
  const kept = [path, ...recent().filter((other) => other !== path)].slice(0, KEPT);
  keep("localStorage", FOLDERS, kept);
}

/** Return what was decided here and could not be sent before the page was loaded anew: `{planId, messages}` each. */
export function unsent() {
  return listIn("sessionStorage", UNSENT);
}

/** Keep what is not sent yet. */
export function keepUnsent(steps) {
  keep("sessionStorage", UNSENT, steps);
}

function listIn(storage, name) {
  try {
    const kept = JSON.parse(globalThis[storage].getItem(name) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function keep(storage, name, list) {
  try {
    globalThis[storage].setItem(name, JSON.stringify(list));
  } catch {
    // a browser that keeps nothing works as well
  }
}
