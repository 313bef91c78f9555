/** How engineers say what a suggestion does, and how figures are written. Pure. */

const MINUS = "\u2212";

/** Return a number with a true minus sign. */
export function number(value, digits = 1) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** Return a number with its sign. */
export function signed(value, digits = 1) {
  const text = number(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

const SHUT_DB = -200;

/** Return where a fader stands, dB; one that is shut stands at minus infinity. */
export function fader(value_db) {
  return value_db <= SHUT_DB ? `${MINUS}\u221e` : number(value_db);
}

/** Return a frequency as it stands on a console: 85 Hz, 1.25 kHz. */
export function hertz(value) {
  const rounded = trimmed(value, value < 100 ? 1 : 0);
  if (Number(rounded) < 1000) return `${rounded} Hz`;
  return `${trimmed(value / 1000, 2)} kHz`;
}

/** Return a pan as L40, C or R40. */
export function panned(pan) {
  const percent = Math.round(Math.abs(pan) * 100);
  return percent === 0 ? "C" : `${pan < 0 ? "L" : "R"}${percent}`;
}

/** Return a level with unit, or a dash where it does not exist. */
export function level(value, unit, digits = 1) {
  return value === null || value === undefined ? "\u2013" : `${number(value, digits)}${unit ? ` ${unit}` : ""}`;
}

function trimmed(value, digits) {
  return String(Number(value.toFixed(digits)));
}

/** Where the faders of Ardour, Logic, Live and Cubase end, dB; others reach +12. */
const FADERS_END_DB = 6;
const SHAPES = { bell: "bell", low_shelf: "low shelf", high_shelf: "high shelf" };

/** Return what a suggestion does, in one line; `nameOf` tells a track's name by its id. */
export function inWords(kind, values, nameOf = (id) => id) {
  const told = IN_WORDS[kind];
  return told ? told(values, nameOf) : `${kind.replaceAll("_", " ")} ${JSON.stringify(values)}`;
}

const IN_WORDS = {
  gain: ({ delta_db, fader_db }) =>
    isNothing(delta_db)
      ? `Leave the fader at ${fader(fader_db)} dB`
      : `Fader ${signed(delta_db)} dB, to ${fader(fader_db)} dB${fader_db > FADERS_END_DB + 0.05 ? ` (many faders end at +${FADERS_END_DB})` : ""}`,
  pan: ({ pan }) => `Pan to ${panned(pan)}`,
  high_pass: ({ cutoff_hz, slope_db_per_oct }) => `High-pass at ${hertz(cutoff_hz)}, ${slope_db_per_oct} dB/oct`,
  low_pass: ({ cutoff_hz, slope_db_per_oct }) => `Low-pass at ${hertz(cutoff_hz)}, ${slope_db_per_oct} dB/oct`,
  eq_band: band,
  master_eq: band,
  compressor: (values) => `Compress ${dynamics(values)}`,
  gate: (values) => `Gate ${trimmed(values.ratio, 1)}:1 below ${number(values.threshold_db)} dB, ${times(values)}`,
  sidechain: (values, nameOf) => `Duck under ${nameOf(values.trigger)}: ${dynamics(values)}`,
  polarity: ({ invert, delay_ms }) =>
    [invert ? "Invert the polarity" : "Keep the polarity", ...(delay_ms > 0 ? [`delay by ${trimmed(delay_ms, 2)} ms`] : [])].join(
      ", ",
    ),
  limiter: ({ gain_db, ceiling_dbtp }) => `Gain ${signed(gain_db)} dB into a limiter at ${number(ceiling_dbtp)} dBTP`,
};

function band({ type, freq_hz, gain_db, q }) {
  return `${signed(gain_db)} dB ${SHAPES[type] ?? type} at ${hertz(freq_hz)}, Q ${trimmed(q, 2)}`;
}

function dynamics({ threshold_db, ratio, makeup_db, ...rest }) {
  const made = isNothing(makeup_db) ? "" : `, make-up ${signed(makeup_db)} dB`;
  return `${trimmed(ratio, 1)}:1 above ${number(threshold_db)} dB, ${times(rest)}${made}`;
}

function times({ attack_ms, release_ms }) {
  return `${trimmed(attack_ms, 1)}/${trimmed(release_ms, 0)} ms`;
}

function isNothing(value_db) {
  return Math.abs(value_db) < 0.05;
}

/** Return what tells a track's name by its id. */
export function namesIn({ session }) {
  return (track) => session.tracks.find(({ id }) => id === track)?.name ?? track;
}

/** Return whether a suggestion says that something should stay as it is. */
export function staysAsItIs({ kind, values }) {
  return kind === "gain" && isNothing(values.delta_db);
}

/** Return a sentence of AMA's with the signs of print: a true minus, and \u00b1 for +-. */
export function typeset(text) {
  return text.replaceAll("+-", "\u00b1").replace(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`);
}

/** Return how sure AMA is, in a word. */
export function sureness(confidence) {
  if (confidence >= 0.85) return "very sure";
  if (confidence >= 0.7) return "sure";
  if (confidence >= 0.55) return "fairly sure";
  return "a try";
}

/** Return what share of the way to the target a suggestion goes, signed: negative is nearer. Below half a percent it is "no change". */
export function effectInWords(effect, before) {
  if (!effect) return "not measured";
  const share = before > 0 ? effect.distance_delta / before : 0;
  const percent = Math.abs(share) * 100;
  if (percent < 0.5) return "no change";
  const shown = percent < 10 ? trimmed(percent, 1) : percent.toFixed(0);
  return `${shown} % ${share < 0 ? "nearer" : "further"}`;
}

const DAWS = { ardour: "Ardour", reaper: "REAPER", folder: "A folder" };

/** Return what people call a DAW. */
export function dawTitle(name) {
  return DAWS[name] ?? name;
}

/** Return a file's name without its folders. */
export function baseName(path) {
  return path.split(/[\\/]/).filter(Boolean).pop() ?? path;
}

/** Return a path's folder. */
export function folderOf(path) {
  return path.slice(0, path.length - baseName(path).length).replace(/[\\/]+$/, "") || "/";
}

/** Return seconds as m:ss.t, as a transport shows them. */
export function clock(seconds, digits = 1) {
  const steps = Math.round(Math.max(0, seconds) * 10 ** digits);
  const minutes = Math.floor(steps / (60 * 10 ** digits));
  return `${minutes}:${(steps / 10 ** digits - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0")}`;
}

/** Return when something was made, as short as it can be said: the time today, else with the day. */
export function when(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.valueOf())) return "";
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return at.toDateString() === now.toDateString()
    ? time
    : `${at.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

/** Return a size in the unit that people read. */
export function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
