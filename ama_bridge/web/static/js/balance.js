/** The numbers behind the tonal balance: levels as measured, and their difference from the target. Pure. */

const FIRST = -15;
const COUNT = 28;

/** The 28 third-octave centres of tonal comparisons, 31.5 Hz to 16 kHz: 1000 * 10^(n/10) (IEC 61260-1). */
export const FREQ_HZ = Array.from({ length: COUNT }, (_, i) => 1000 * 10 ** ((FIRST + i) / 10));

const DEEP_DB = -60;
const WIDE_DB = 60;

/** Return `{levels, difference}`, each with before, after, target and spread by band; the difference is without its median, as AMA compares. */
export function balanceOf({ mix_before, mix_after, aim, aim_spread_db }) {
  const target = aim.third_octave_db;
  const spread = aim_spread_db.map((db) => Math.min(db, WIDE_DB));
  const apart = (levels) => {
    const raw = levels.map((db, i) => db - target[i]);
    const middle = median(raw);
    return raw.map((db) => db - middle);
  };
  const [before, after] = [mix_before.third_octave_db, mix_after.third_octave_db];
  return {
    levels: { before, after, target, spread },
    difference: { before: apart(before), after: apart(after), target: target.map(() => 0), spread },
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Return the lowest and highest level to draw, in dB, with a little air; very deep bands do not squeeze the rest. */
export function extent({ before, after, target }) {
  const drawn = [...before, ...after, ...target];
  return [Math.max(Math.floor(Math.min(...drawn) - 2), DEEP_DB), Math.ceil(Math.max(...drawn) + 2)];
}
