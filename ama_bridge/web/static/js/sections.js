/** References with a section: `/p/song.flac@1:02-1:34`. Pure. */

const SECTION = /^(.*)@([\d:.]*)-([\d:.]*)$/;
const TIME = /^(\d+:)?\d+(\.\d+)?$/;

/** Return the file of a reference, and where its section begins and ends as text ("" where it was left out). */
export function takenApart(reference) {
  const found = SECTION.exec(reference);
  return found ? { path: found[1], from: found[2], to: found[3] } : { path: reference, from: "", to: "" };
}

/** Return the reference of a file and a section as the service writes it; both ends empty mean the whole file. */
export function putTogether({ path, from, to }) {
  return from || to ? `${path}@${asClock(from || "0")}-${asClock(to)}` : path;
}

/** Return a time as m:ss with every digit that it has: "62.5" and "1:02.5" are the same. */
function asClock(text) {
  if (text === "") return "";
  const [seconds, minutes = 0] = text.split(":").reverse().map(Number);
  const all_s = Number((60 * minutes + seconds).toFixed(6));
  const whole = Math.floor(all_s / 60);
  const [full, digits] = String(Number((all_s - 60 * whole).toFixed(6))).split(".");
  return `${whole}:${full.padStart(2, "0")}${digits ? `.${digits}` : ""}`;
}

/** Return what is wrong with a time that was typed, or "". Empty is right. */
export function wrongTime(text) {
  return text === "" || TIME.test(text) ? "" : `${text} is not a time. Write minutes and seconds, as 1:02, or seconds.`;
}
