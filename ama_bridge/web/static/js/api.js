/** The one place that talks to the service: verbs are POSTed, resources are read with GET. Every failure is an `ApiError` with a sentence. */

const ROOT = "/ama/v1/";
const SILENT = "AMA does not answer. Start it with `ama serve`; this page connects again by itself.";

/** What the service refused, in its own sentence; `status` 0 where it could not be reached. */
class ApiError extends Error {
  constructor({ code = "", message, status = 0 }) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
  }
}

/** Return a resource, for example `get("plans", id)`. */
export async function get(...parts) {
  return await answered(address(parts), { headers: { Accept: "application/json" } });
}

/** Return what a folder holds; an empty path means the home folder. */
export async function files(folder) {
  return await answered(`${ROOT}files?folder=${encodeURIComponent(folder)}`, {});
}

/** Do something: `post("suggest", {session})`. Arguments that are undefined are left out. */
export async function post(verb, given = {}) {
  return await answered(ROOT + verb, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(given),
  });
}

/** Return a sound's bytes. */
export async function sound(url, signal) {
  const response = await reached(url, { signal });
  if (!response.ok) throw await refusal(response);
  return await response.arrayBuffer();
}

/** Return the address of a resource. */
export function address(parts) {
  return ROOT + parts.map(encodeURIComponent).join("/");
}

async function answered(url, options) {
  const response = await reached(url, { cache: "no-store", ...options });
  if (!response.ok) throw await refusal(response);
  return await response.json();
}

async function reached(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError({ message: SILENT });
  }
}

async function refusal(response) {
  const fallback = `AMA answered ${response.status} without a sentence.`;
  try {
    const { code, message } = await response.json();
    return new ApiError({ code, message: message || fallback, status: response.status });
  } catch {
    return new ApiError({ message: fallback, status: response.status });
  }
}
