/** The plan's figures in an engineer's words: rows for the table, and what the distance is made of. Pure. */

import { level, number } from "./words.js";

const PARTS = {
  af_spectrum: "Spectrum",
  af_width: "Width",
  af_imbalance: "Left/right balance",
  af_crest: "Peaks",
  af_rms: "Level of the channels",
};

/** Return the terms of the distance, which add up to it. */
export function shares({ parts }) {
  return Object.entries(PARTS)
    .filter(([id]) => id in parts)
    .map(([id, name]) => ({ id, name, ...parts[id] }));
}

const ROWS = [
  {
    name: "Tonal balance",
    part: "tonal_db",
    unit: "dB",
    about: "How far the third-octave bands lie outside the target's range, in the mean; see the picture.",
  },
  {
    name: "Loudness",
    field: "integrated_lufs",
    part: "loudness_lu",
    unit: "LUFS",
    apartUnit: "LU",
    about: "Integrated loudness.",
  },
  {
    name: "True peak",
    field: "true_peak_dbtp",
    unit: "dBTP",
    about: "The highest peak between the samples; the target is a ceiling.",
  },
  {
    name: "Peak to loudness",
    field: "plr_db",
    part: "plr_db",
    unit: "dB",
    about: "True peak less loudness: high is open, low is dense.",
  },
  { name: "Crest", field: "crest_db", part: "crest_db", unit: "dB", about: "Peak to RMS: how far the hits stand out." },
  {
    name: "Loudness range",
    field: "loudness_range_lu",
    part: "loudness_range_lu",
    unit: "LU",
    about: "How much loudness moves over the song.",
  },
  { name: "Width", field: "width_db", part: "width_db", unit: "dB", about: "Side against mid: higher is wider." },
  { name: "Tilt", field: "tilt_db_per_oct", unit: "dB/oct", about: "The slope of the spectrum from low to high." },
];

/** Return the table's rows as text: before, after, target, how far apart. */
export function figureRows({ verification, target }) {
  return ROWS.map(({ name, field, part, unit, apartUnit = unit, about }) => ({
    name: unit && field ? `${name}, ${unit}` : name,
    about,
    before: field ? level(verification.mix_before[field], "") : "",
    after: field ? level(verification.mix_after[field], "") : "",
    target:
      field === "true_peak_dbtp" ? `\u2264 ${number(target.ceiling_dbtp)}` : field ? level(verification.aim[field], "") : "",
    apart: apart(verification.parts[part], apartUnit),
  }));
}

/** How far outside the target's range, before and after. */
function apart(pair, unit) {
  if (!pair) return { text: "", way: "" };
  const [before, after] = [Math.abs(pair.before), Math.abs(pair.after)];
  if (before < 0.05 && after < 0.05) return { text: "in range", way: "fits" };
  const way = after < before - 0.05 ? "nearer" : after > before + 0.05 ? "further" : "";
  return { text: `${number(before)} \u2192 ${number(after)} ${unit}`, way };
}
