/** What this browser keeps: the folders that were opened lately, and which jobs this window began. Everything else is the service's. */

const FOLDERS = "ama.recent";
const JOBS = "ama.jobs";
const KEPT = 6;

/** Return the paths of folders that were opened, the newest first. */
export function recent() {
  return read(localStorage, FOLDERS);
}

/** Put a path at the front. */
export function remember(path) {
  write(localStorage, FOLDERS, [path, ...recent().filter((other) => other !== path)].slice(0, KEPT));
}

/** Return the ids of the jobs for suggestions that this window began; they outlive a reload of it. */
export function ownJobs() {
  return {
    size: () => read(sessionStorage, JOBS).length,
    add: (id) => write(sessionStorage, JOBS, [...read(sessionStorage, JOBS), id]),
    delete(id) {
      const kept = read(sessionStorage, JOBS);
      write(
        sessionStorage,
        JOBS,
        kept.filter((other) => other !== id),
      );
      return kept.includes(id);
    },
  };
}

function read(storage, key) {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

function write(storage, key, values) {
  try {
    storage.setItem(key, JSON.stringify(values));
  } catch {
    // a browser that keeps nothing works as well
  }
}
