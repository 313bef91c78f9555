/** What is to be heard, and the name under which its render lies: made of the plan, of what is heard and of the decisions that matter for it.

The same decisions give the same name, so every page sees by itself whether a render is stale, and one that was made before is found again. */

import { decided } from "./ranges.js";
import { inWords } from "./words.js";

/** The whole mix: no single suggestion, no single track. */
export const WHOLE = { only: null, track: null };

/** Return the names of the render after and before. */
export function namesOf({ id, plan, decisions }, subject) {
  const heard = plan.suggestions.filter((each) => isHeard(each, subject));
  const told = heard
    .filter((each) => decisions[each.id] && decisions[each.id].verdict !== "accept")
    .map((each) => [each.id, word(each, decisions[each.id])]);
  const mark = checksum(JSON.stringify([subject.only, subject.track, told]));
  return { name: `audition-${id}-${mark}.flac`, beforeName: `audition-${id}-${mark}-before.flac` };
}

/** Return the references of a plan as the player knows them: the side's name, what it is called, and the name of its render. */
export function referencesOf({ id, plan }) {
  return plan.session.references.map((reference, i) => ({
    side: `reference ${i + 1}`,
    reference,
    name: `audition-${id}-${checksum(reference)}-reference.flac`,
  }));
}

function isHeard({ id, track }, subject) {
  if (subject.only) return subject.only.includes(id);
  return subject.track === null || subject.track === track;
}

/** Values count to four digits: the service's arithmetic and the page's differ in the sixteenth. */
function word(suggestion, decision) {
  if (decision.verdict !== "edit") return decision.verdict;
  return Object.entries(decided(suggestion, decision)).map(([name, value]) => [
    name,
    typeof value === "number" ? Number(value.toFixed(4)) : value,
  ]);
}

/** Return what the render is asked with. */
export function askedFor({ id }, subject, { name, beforeName }) {
  return {
    plan: id,
    out_name: name,
    before_name: beforeName,
    ...(subject.only ? { only: subject.only.join("\n") } : {}),
    ...(subject.track ? { track: subject.track } : {}),
  };
}

/** Return what is heard, in words. */
export function subjectInWords({ plan, decisions }, { only, track }) {
  const nameOf = (id) => plan.session.tracks.find((each) => each.id === id)?.name ?? (id === "master" ? "Master" : id);
  if (track) return `${nameOf(track)} by itself`;
  if (!only) return "The whole mix";
  const suggestion = plan.suggestions.find((each) => each.id === only[0]);
  return suggestion
    ? `Only ${nameOf(suggestion.track)}: ${inWords(suggestion.kind, decided(suggestion, decisions[suggestion.id]), nameOf)}`
    : "One suggestion";
}

/** Return a stage of a render with its files called by what is heard. */
export function stageInWords(stage) {
  return stage.replace(/audition-\S+?(-before|-reference)?\.flac/, (_, which) => which?.slice(1) ?? "after");
}

/** Return the finished render of a name among the jobs, or null. */
export function finished(jobs, name) {
  const done = Object.values(jobs).filter((job) => job.kind === "render" && job.state === "done" && job.result?.name === name);
  return done.at(-1)?.result ?? null;
}

/** Return a checksum of 53 bits as text (cyrb53, bryc, public domain): names need to differ, not to be secret. */
function checksum(text) {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return (4294967296 * (2097151 & two) + (one >>> 0)).toString(36);
}
