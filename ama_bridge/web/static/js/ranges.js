/** The values of each kind of suggestion in the order in which the service takes them: names, units, limits (those of the plan's schema), steps. Pure. */

const FREQ = { unit: "Hz", min: 10, max: 40000, step: 1, label: "Frequency" };
const GAIN = { unit: "dB", min: -24, max: 24, step: 0.1, label: "Gain" };
const Q = { unit: "", min: 0.1, max: 20, step: 0.05, label: "Q" };
const SHAPE = { choices: { bell: "bell", low_shelf: "low shelf", high_shelf: "high shelf" }, label: "Shape" };
const SLOPE = {
  choices: { 6: "6", 12: "12", 18: "18", 24: "24", 36: "36", 48: "48" },
  whole: true,
  unit: "dB/oct",
  label: "Slope",
};
const BAND = { type: SHAPE, freq_hz: FREQ, gain_db: GAIN, q: Q };
const GATE = {
  threshold_db: { unit: "dB", min: -80, max: 0, step: 0.5, label: "Threshold" },
  ratio: { unit: ": 1", min: 1, max: 20, step: 0.1, label: "Ratio" },
  attack_ms: { unit: "ms", min: 0.01, max: 500, step: 1, label: "Attack" },
  release_ms: { unit: "ms", min: 1, max: 5000, step: 5, label: "Release" },
};
const DYNAMICS = {
  ...GATE,
  knee_db: { unit: "dB", min: 0, max: 24, step: 0.5, label: "Knee" },
  makeup_db: { unit: "dB", min: -24, max: 24, step: 0.1, label: "Make-up" },
};

/** What can be edited, by kind. What follows from something else (`follows`) is not offered; what the service must get unchanged is `fixed`. */
export const RANGES = {
  gain: { delta_db: { unit: "dB", min: -60, max: 60, step: 0.1, label: "Move the fader by" }, fader_db: { follows: true } },
  pan: { pan: { unit: "%", min: -100, max: 100, step: 1, scale: 100, label: "Pan (left \u2212, right +)" } },
  high_pass: { cutoff_hz: { ...FREQ, min: 5, max: 20000, label: "Cutoff" }, slope_db_per_oct: SLOPE },
  low_pass: { cutoff_hz: { ...FREQ, min: 20, label: "Cutoff" }, slope_db_per_oct: SLOPE },
  eq_band: BAND,
  master_eq: BAND,
  compressor: DYNAMICS,
  gate: GATE,
  sidechain: { trigger: { fixed: true }, ...DYNAMICS },
  polarity: { invert: { flag: true, label: "Inverted" }, delay_ms: { unit: "ms", min: 0, max: 100, step: 0.01, label: "Delay" } },
  limiter: {
    ceiling_dbtp: { unit: "dBTP", min: -24, max: 0, step: 0.1, label: "Ceiling" },
    gain_db: { unit: "dB", min: -120, max: 120, step: 0.1, label: "Gain" },
  },
};

/** Return the values with what was decided on top, as the kind has them. */
export function decided(suggestion, decision) {
  if (decision?.verdict !== "edit") return suggestion.values;
  const merged = { ...suggestion.values, ...decision.values, ...decision.words };
  for (const [name, old] of Object.entries(suggestion.values)) {
    if (typeof old === "boolean") merged[name] = Boolean(merged[name]);
  }
  return merged;
}

/** Return the list that an edit sends: in the fixed order, up to the first value that follows from the others. */
export function sentValues(kind, values) {
  const sent = [];
  for (const [name, range] of Object.entries(RANGES[kind])) {
    if (range.follows) break;
    sent.push(typeof values[name] === "boolean" ? Number(values[name]) : values[name]);
  }
  return sent;
}

/** Return what is wrong with a number that was typed, or "". */
export function wrong(range, value) {
  const name = range.label.split(" (")[0];
  if (!Number.isFinite(value)) return `${name} must be a number.`;
  if (value < range.min || value > range.max)
    return `${name} lies between ${range.min} and ${range.max}${range.unit ? ` ${range.unit}` : ""}.`;
  return "";
}

/** Return a number as people type it: as many digits as it needs, with a point or a comma. */
export function parsed(text) {
  const plain = text.trim().replace("\u2212", "-").replace(",", ".");
  return plain === "" ? Number.NaN : Number(plain);
}
