"""Open-Unmix's multichannel Wiener filter for stereo, in double precision: one step of expectation maximisation after the models.

The same as `openunmix.filtering.wiener(spectrograms, mix, 1)` of doubles (a test compares the two), written for 2 x 2 matrices: the
inverse is applied to the mix once and not made into a gain for every part, which takes a quarter of the time. In single precision, in which
`openunmix` runs it, the inverse breaks down where left and right are nearly alike: a mono mix gives NaN, a nearly mono one leaves a
residual of -30 dB where doubles leave -63 dB.

Nugraha, Liutkus, Vincent 2016, "Multichannel music separation with deep neural networks" (EUSIPCO).
"""

from __future__ import annotations

from typing import Any, Final

EPSILON: Final = 1e-10
LARGEST: Final = 10.0
"""Both as in `openunmix`: the mix is scaled down to this magnitude before, and up again behind."""


def filtered(torch: Any, magnitudes: Any, mix: Any) -> Any:  # noqa: ANN401  # tensors, whose types are not here
    """Return the parts (targets, 2, bins, frames) of a mix (2, bins, frames), complex doubles, given what models took for their magnitudes."""
    whole = mix.to(torch.complex128)
    scale = max(1.0, float(whole.abs().max()) / LARGEST)
    x = whole / scale
    left, right = (magnitudes.to(torch.float64) / scale).unbind(1)
    power = (left.square() + right.square()) / 2.0
    weight = EPSILON + power.sum(-1)
    level = [(one.square().sum(-1) / weight)[..., None] for one in (left, right)]
    turn = torch.sgn(x[0]) * torch.sgn(x[1]).conj()
    cross = ((left * right * turn).sum(-1) / weight)[..., None]
    regular = EPSILON**0.5
    total = [regular + (power * one).sum(0) for one in level]
    common = (power * cross).sum(0)
    determinant = total[0] * total[1] - common.abs().square()
    inner = (
        (total[1] * x[0] - common * x[1]) / determinant,
        (total[0] * x[1] - common.conj() * x[0]) / determinant,
    )
    parts = torch.stack(
        (
            level[0] * inner[0] + cross * inner[1],
            cross.conj() * inner[0] + level[1] * inner[1],
        ),
        dim=1,
    )
    return power[:, None] * parts * scale
