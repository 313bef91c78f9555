"""Compressor and limiter of the master together, so that loudness, crest, PLR and range come where the target has them.

The limiter lowers crest and PLR too: what it does is foretold (`limited`), so that the compressor takes only what the limiter should not, and
the gain before the limiter makes up for what both take off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ama_analysis.envelope import Envelope
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.compressed import compressed
from ama_analysis.suggest.compression import (
    BUS_LIMITS,
    HEARD_S,
    FittedCompressor,
    Limits,
    excerpt,
    fitted_compressor,
)
from ama_analysis.suggest.dynamics_goal import (
    DEEP_LIMITING_DB,
    WEIGHT_LIMITING,
    WEIGHT_LOUDNESS,
    Aim,
    DynamicsGoal,
)
from ama_analysis.suggest.envelope_figures import ABSOLUTE_GATE_LUFS, MeterReadings, figures_of
from ama_analysis.suggest.limited import gain_to_loudness_db, limited
from ama_analysis.target import Target

LIMITING_MOST_DB: Final = 6.0
"""Deeper limiting is not a matter of loudness but of the mix (1 to 3 dB are transparent; AMA's choice)."""
LOWER_CEILING_FROM_DB: Final = 1.0
"""Peaks must stand out beyond the aim by this much before the ceiling is lowered for them (AMA's choice)."""
LOWEST_CEILING_DBTP: Final = -12.0
"""A ceiling is not set lower (AMA's choice)."""


_GAIN_STEP_DB: Final = 0.5
"""So finely is the gain searched where limiting has a price."""
SHORT_LU: Final = 0.2
"""A loudness missed by less is not worth a word (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterDynamics:
    """A compressor or none, gain and ceiling of the limiter; figures before both, between them, and behind both.

    `limiting_db` is by how much the highest peak comes down at the limiter, `loss_lu` what that costs in loudness;
    `short_lu` is what is missing to the target's loudness.
    """

    compressor: FittedCompressor | None
    gain_db: float
    ceiling_dbtp: float
    before: MeterReadings
    between: MeterReadings
    after: MeterReadings
    limiting_db: float
    loss_lu: float
    short_lu: float


def goal_of(target: Target) -> DynamicsGoal:
    """Return what the target asks of the dynamics; the loudness to deliver says where the limiter will hold the peaks."""
    profile, spread = target.profile, target.spread
    return DynamicsGoal(
        crest_db=Aim(value=profile.crest_db, spread=spread.crest_db),
        plr_db=Aim(value=profile.plr_db, spread=spread.plr_db),
        loudness_range_lu=Aim(value=profile.loudness_range_lu, spread=spread.loudness_range_lu),
        plr_held_db=target.ceiling_dbtp - target.loudness_lufs,
        limiting_most_db=LIMITING_MOST_DB,
    )


def master_dynamics(
    envelope: Envelope, target: Target, *, limits: Limits | None = BUS_LIMITS
) -> MasterDynamics | None:
    """Return how compressor and limiter are set for a mix of this envelope; None for silence.

    With `limits=None` there is no compressor, and the limiter is set for that.
    """
    before = figures_of(envelope)
    if before.loudness_lufs <= ABSOLUTE_GATE_LUFS:
        return None
    goal = goal_of(target)
    fitted = None if limits is None else fitted_compressor(envelope, goal, limits)
    behind = envelope if fitted is None else compressed(envelope, fitted.setting)
    between = figures_of(behind)
    ceiling = _ceiling_dbtp(between, goal, target)
    gain = _gain_db(excerpt(behind, HEARD_S), goal, target, ceiling)
    after = figures_of(limited(behind, gain_db=gain, ceiling_dbtp=ceiling))
    return MasterDynamics(
        compressor=fitted,
        gain_db=gain,
        ceiling_dbtp=ceiling,
        before=before,
        between=between,
        after=after,
        limiting_db=max(between.true_peak_dbtp + gain - ceiling, 0.0),
        loss_lu=max(between.loudness_lufs + gain - after.loudness_lufs, 0.0),
        short_lu=max(target.loudness_lufs - after.loudness_lufs, 0.0),
    )


def _gain_db(behind: Envelope, goal: DynamicsGoal, target: Target, ceiling_dbtp: float) -> float:
    """Return the gain before the limiter: that of the target's loudness, or less where limiting would harm more than loudness is worth.

    That is so where the references' own peaks lie above the ceiling, or where the mix has less crest than they have.
    """
    before = figures_of(behind)
    free_db = ceiling_dbtp - before.true_peak_dbtp
    full_db = gain_to_loudness_db(
        behind, target.loudness_lufs, ceiling_dbtp=ceiling_dbtp, most_db=free_db + LIMITING_MOST_DB
    )
    if full_db <= free_db:
        return by_hand.decibel(full_db)

    def cost(gain_db: float) -> float:
        after = figures_of(limited(behind, gain_db=gain_db, ceiling_dbtp=ceiling_dbtp))
        short_lu = max(target.loudness_lufs - after.loudness_lufs, 0.0)
        deep_db = max(gain_db - free_db - DEEP_LIMITING_DB, 0.0)
        charged = goal.charge(after, before)
        return charged + WEIGHT_LOUDNESS * short_lu**2 + WEIGHT_LIMITING * deep_db**2

    steps = max(round((full_db - free_db) / _GAIN_STEP_DB), 1)
    gains = [full_db - (full_db - free_db) * step / steps for step in range(steps + 1)]
    return by_hand.decibel(min(gains, key=cost))


def _ceiling_dbtp(figures: MeterReadings, goal: DynamicsGoal, target: Target) -> float:
    """Return the target's ceiling, or a lower one where peaks stand out although the loudness leaves them room.

    That is so where the references are not loud but dense. No more than transparent limiting is asked for, and none that would take the
    crest below its aim.
    """
    out_db = [
        aim.beyond(figure)
        for aim, figure in ((goal.plr_db, figures.plr_db), (goal.crest_db, figures.crest_db))
        if aim is not None
    ]
    depth_db = min(*out_db, DEEP_LIMITING_DB)
    peak_dbtp = target.loudness_lufs + figures.plr_db
    if depth_db < LOWER_CEILING_FROM_DB or peak_dbtp - depth_db >= target.ceiling_dbtp:
        return target.ceiling_dbtp
    return max(by_hand.whole_decibel(peak_dbtp - depth_db), LOWEST_CEILING_DBTP)


def compressor_because(found: FittedCompressor, target: Target) -> str:
    """Return why the master is compressed, with the figure that is farthest from the target."""
    before, after, goal = found.before, found.after, goal_of(target)
    rows = [
        ("crest", "dB", goal.crest_db, before.crest_db, after.crest_db),
        ("peak to loudness ratio", "dB", goal.plr_db, before.plr_db, after.plr_db),
        (
            "loudness range",
            "LU",
            goal.loudness_range_lu,
            before.loudness_range_lu,
            after.loudness_range_lu,
        ),
    ]
    known = [(name, unit, aim, was, now) for name, unit, aim, was, now in rows if aim is not None]
    name, unit, aim, was, now = max(known, key=lambda row: row[2].beyond(row[3]))
    setting, down = found.setting, found.reduction
    why = (
        f"The mix's {name} is {was:.1f} {unit}, that of {target.title} {aim.value:.1f}{_give(aim)}:"
        f" {setting.ratio:g}:1 above {setting.threshold_db:g} dB with {setting.attack_ms:g}/{setting.release_ms:g} ms takes"
        f" {down.mean_db:.1f} dB off on average, {down.most_db:.1f} at most, and leaves {now:.1f} {unit}"
    )
    return f"{why}."


def _give(aim: Aim) -> str:
    return f" +- {aim.spread:.1f}" if aim.spread > 0.0 else ""


def limiter_because(found: MasterDynamics, target: Target) -> str:
    """Return why the limiter is set as it is, with what it takes and what that costs."""
    where = "behind the compressor " if found.compressor is not None else ""
    level, peak = found.between.loudness_lufs, found.between.true_peak_dbtp
    why = (
        f"The mix {where}has {level:.1f} LUFS and peaks at {peak:+.1f} dBTP; the aim ({target.title}) is"
        f" {target.loudness_lufs:.1f} LUFS below {target.ceiling_dbtp:.1f} dBTP."
    )
    if found.ceiling_dbtp < target.ceiling_dbtp:
        why += (
            f" Its peaks stand out: held at {found.ceiling_dbtp:.1f} dBTP they leave {found.after.plr_db:.1f} dB from"
            f" loudness to peak, where the aim has {target.profile.plr_db:.1f}."
        )
    if found.limiting_db > 0.0:
        cost = f" at a cost of {found.loss_lu:.1f} LU, which the gain makes up for"
        why += f" The highest peaks come down by {found.limiting_db:.1f} dB{cost if found.loss_lu >= 0.1 else ''}."
    if found.short_lu > SHORT_LU:
        why += f" This stops {found.short_lu:.1f} LU short: {_why_short(found, target)}"
    return why


def _why_short(found: MasterDynamics, target: Target) -> str:
    if found.limiting_db > LIMITING_MOST_DB - _GAIN_STEP_DB:
        return (
            f"more than {LIMITING_MOST_DB:.0f} dB of limiting is no matter of loudness, tame the peaks in the tracks"
            " first."
        )
    after, profile = found.after, target.profile
    crest = f"a crest of {after.crest_db:.1f} dB (the aim: {profile.crest_db:.1f})"
    ratio = f"{after.plr_db:.1f} dB from loudness to peak (the aim: {profile.plr_db:.1f})"
    below = after.crest_db < profile.crest_db
    return (
        f"the limiter leaves {crest if below else ratio}, more gain would take more from the hits than"
        " loudness is worth."
    )
