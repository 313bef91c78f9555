"""The gain predictor's network in torch, as it is trained; `gain_inference` computes the same in numpy.

One encoder for all stems: three convolutions over log-mel pictures (means over time and over the stem's pictures) beside the figures; then the mean
and the maximum over all stems, the style token and the reference make a context that does not depend on their order; each stem with its
context gives gain and pan with their scales (Laplace). A linear path from the figures carries what a ridge regression would find, so the rest learns
the remainder. After the automix-toolkit's pattern (Steinmetz et al. 2021: shared encoder, mean as context), figures and scales added.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ama_analysis.models import gain_shapes as shapes


class GainNet(nn.Module):  # type: ignore[misc]  # torch is optional, so its types are skipped
    """Stems of sessions to gains and pans. All inputs are padded to the same number of stems; `there` says which are real."""

    def __init__(self, middle: Tensor, spread: Tensor) -> None:
        """Take the mean and the spread of the inputs, by which they are made alike."""
        super().__init__()
        self.middle: Tensor
        self.spread: Tensor
        self.register_buffer("middle", middle)
        self.register_buffer("spread", spread)
        widths = (1, *shapes.CHANNELS)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths)
        )
        self.picture = nn.Linear(shapes.CHANNELS[-1] * shapes.KEPT_BANDS, shapes.PICTURE_WIDTH)
        self.figures = nn.Linear(shapes.INPUTS, shapes.FIGURE_WIDTH)
        self.stem = nn.Linear(shapes.PICTURE_WIDTH + shapes.FIGURE_WIDTH, shapes.STEM_WIDTH)
        self.style = nn.Embedding(len(shapes.STYLES), shapes.STYLE_WIDTH)
        around = 2 * shapes.STEM_WIDTH + 1 + shapes.STYLE_WIDTH + shapes.REFERENCE_WIDTH
        self.context = nn.Linear(around, shapes.STEM_WIDTH)
        self.together = nn.Linear(2 * shapes.STEM_WIDTH, shapes.STEM_WIDTH)
        self.answer = nn.Linear(shapes.STEM_WIDTH, shapes.OUTPUTS)
        self.straight = nn.Linear(shapes.INPUTS, 1, bias=False)
        self.dropout = nn.Dropout(0.2)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)
        nn.init.zeros_(self.straight.weight)
        with torch.no_grad():
            self.answer.bias[3] = -1.5

    def forward(
        self,
        figures: Tensor,
        pictures: Tensor,
        seen: Tensor,
        there: Tensor,
        style: Tensor,
        reference: Tensor,
    ) -> Tensor:
        """Return (sessions, stems, OUTPUTS): gain in units (mean 0 over each session's stems), its log scale, pan, its log scale.

        `figures` (b, n, INPUTS); `pictures` (b, n, k, bands, frames) dB / 40 + 1; `seen` (b, n, k) and `there` (b, n) 0 or 1; `style` (b,); `reference`
        (b, REFERENCE_WIDTH).
        """
        inputs = ((figures - self.middle) / self.spread).clamp(-4.0, 4.0)
        stems = self._stems(inputs, pictures, seen)
        context = self._context(stems, there, style, reference)
        both = torch.cat((stems, context[:, None].expand_as(stems)), dim=2)
        answers = self.answer(self.dropout(torch.relu(self.together(both))))
        gain = answers[..., :1] + self.straight(inputs)
        mask = there[..., None]
        middle = (gain * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True)
        scale = answers[..., 1:2].clamp(*shapes.LOG_SCALE)
        place_scale = answers[..., 3:].clamp(*shapes.LOG_PLACE_SCALE)
        return torch.cat((gain - middle, scale, torch.tanh(answers[..., 2:3]), place_scale), dim=2)

    def _stems(self, inputs: Tensor, pictures: Tensor, seen: Tensor) -> Tensor:
        sessions, stems, count = pictures.shape[:3]
        images = pictures.reshape(sessions * stems * count, 1, *pictures.shape[3:])
        for convolution in self.convolutions:
            images = torch.relu(convolution(images))
        flat = images.mean(dim=3).flatten(1)
        views = torch.relu(self.picture(flat)).reshape(sessions, stems, count, -1)
        weights = seen[..., None]
        view = (views * weights).sum(2) / weights.sum(2).clamp(min=1.0)
        told = torch.relu(self.figures(inputs))
        joined = self.dropout(torch.cat((view, told), dim=2))
        out: Tensor = torch.relu(self.stem(joined))
        return out

    def _context(self, stems: Tensor, there: Tensor, style: Tensor, reference: Tensor) -> Tensor:
        mask = there[..., None]
        count = mask.sum(1)
        mean = (stems * mask).sum(1) / count
        most = (stems * mask).amax(1)  # after a relu nothing lies below zero
        around = torch.cat((mean, most, count.log(), self.style(style), reference), dim=1)
        out: Tensor = torch.relu(self.context(around))
        return out


def arrays_of(net: GainNet) -> dict[str, Any]:
    """Return the network's tensors as numpy arrays."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in net.state_dict().items()}


def net_of(arrays: dict[str, Any], device: str = "cpu") -> GainNet:
    """Return the network with these tensors."""
    state = {name: torch.tensor(array) for name, array in arrays.items()}
    net = GainNet(state["middle"], state["spread"])
    net.load_state_dict(state)
    return net.to(device)
