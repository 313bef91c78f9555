/** What filters, bands, compressors and gates do, as curves: the RBJ cookbook's biquads, Butterworth filters, static curves. Pure. */

const RATE_HZ = 48000;

/** Return the level in dB at `freq_hz` of one suggestion's curve, or null for a kind that has none over frequency. */
export function responseOf(kind, values) {
  if (kind === "eq_band" || kind === "master_eq") return bandResponse(values);
  if (kind === "high_pass") return (hz) => butterworth_db(warped(values.cutoff_hz) / warped(hz), values.slope_db_per_oct);
  if (kind === "low_pass") return (hz) => butterworth_db(warped(hz) / warped(values.cutoff_hz), values.slope_db_per_oct);
  return null;
}

function butterworth_db(ratio, slope_db_per_oct) {
  return -10 * Math.log10(1 + ratio ** (slope_db_per_oct / 3));
}

/** The bilinear transform's frequency axis. */
function warped(hz) {
  return Math.tan((Math.PI * Math.min(hz, 0.499 * RATE_HZ)) / RATE_HZ);
}

function bandResponse({ type, freq_hz, gain_db, q }) {
  const [b, a] = biquad(type, Math.min(freq_hz, 0.49 * RATE_HZ), gain_db, q);
  return (hz) => {
    const w = (2 * Math.PI * Math.min(hz, 0.499 * RATE_HZ)) / RATE_HZ;
    return 10 * Math.log10(power(b, w) / power(a, w));
  };
}

function biquad(type, freq_hz, gain_db, q) {
  const amp = 10 ** (gain_db / 40);
  const w = (2 * Math.PI * freq_hz) / RATE_HZ;
  const cos = Math.cos(w);
  const alpha = Math.sin(w) / (2 * q);
  if (type === "bell")
    return [
      [1 + alpha * amp, -2 * cos, 1 - alpha * amp],
      [1 + alpha / amp, -2 * cos, 1 - alpha / amp],
    ];
  const way = type === "low_shelf" ? 1 : -1;
  const [up, down, root] = [amp + 1, amp - 1, 2 * Math.sqrt(amp) * alpha];
  return [
    [amp * (up - way * down * cos + root), way * 2 * amp * (down - way * up * cos), amp * (up - way * down * cos - root)],
    [up + way * down * cos + root, way * -2 * (down + way * up * cos), up + way * down * cos - root],
  ];
}

function power([c0, c1, c2], w) {
  const real = c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w);
  const imaginary = c1 * Math.sin(w) + c2 * Math.sin(2 * w);
  return Math.max(real * real + imaginary * imaginary, 1e-12);
}

/** Return the output level for an input level, both dB, of a compressor's static curve with its knee and make-up. */
export function staticCurve({ threshold_db, ratio, knee_db = 0, makeup_db = 0 }) {
  return (input_db) => {
    const over = input_db - threshold_db;
    let reduced = 0;
    if (2 * over >= knee_db) reduced = over * (1 - 1 / ratio);
    else if (2 * over > -knee_db) reduced = ((1 - 1 / ratio) * (over + knee_db / 2) ** 2) / (2 * knee_db);
    return input_db - reduced + makeup_db;
  };
}

/** Return the same for a gate: below its threshold the output falls by `ratio` dB for each dB. */
export function gateCurve({ threshold_db, ratio }) {
  return (input_db) => input_db + (ratio - 1) * Math.min(0, input_db - threshold_db);
}

/** Return `count` frequencies from `low_hz` to `high_hz`, evenly spaced to the ear. */
export function frequencies(count, low_hz = 20, high_hz = 20000) {
  return Array.from({ length: count }, (_, i) => low_hz * (high_hz / low_hz) ** (i / (count - 1)));
}
