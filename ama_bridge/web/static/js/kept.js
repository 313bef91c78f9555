/** What this browser keeps: the folders that were opened lately. Everything else is the service's. */

const FOLDERS = "ama.recent";
const KEPT = 6;

/** Return the paths of folders that were opened, the newest first. */
export function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(FOLDERS) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

/** Put a path at the front. */
export function remember(path) {
  const kept = [path, ...recent().filter((other) => other !== path)].slice(0, KEPT);
  try {
    localStorage.setItem(FOLDERS, JSON.stringify(kept));
  } catch {
    // a browser that keeps nothing works as well
  }
}
