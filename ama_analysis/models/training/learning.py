"""The training itself: one network after the other, each step's randomness from seed and step alone, so that a run that was stopped goes on as if it was not.

    trained    pools of examples to the members' weights; the state is kept in a folder, and a log of every step as CSV

Loss: each stem's gain under a Laplace distribution of the width that the network gives it, the session's median difference taken out, as the
fader error does; likewise where it sits. Sessions count alike, however many stems they have. On CUDA products are made in half precision.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from ama_analysis.errors import OptionError
from ama_analysis.models import gain_inputs as given
from ama_analysis.models.gain_net import GainNet, arrays_of, net_of
from ama_analysis.models.gain_shapes import GAIN_UNIT_DB
from ama_analysis.models.training.batches import Batch, batch_of
from ama_analysis.models.training.examples import Example, with_roles
from ama_analysis.models.training.settings import Recipe
from ama_analysis.progress import OnProgress, silent
from ama_analysis.whole_file import whole_file

LOG: Final = "log.csv"
STATE: Final = "state.pt"
KEPT_EVERY: Final = 50
_WARM: Final = 0.1
_LEAST_SPREAD: Final = 1e-2

Pools = Sequence[Sequence[Example]]
Arrays = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: the loss, and the fader error of the batch in dB."""

    member: int
    step: int
    loss: float
    fader_error_db: float
    rate: float
    seconds: float


def trained(
    pools: Pools,
    recipe: Recipe,
    *,
    folder: Path | None = None,
    begin: Sequence[Arrays] = (),
    device: str = "cpu",
    on_progress: OnProgress = silent,
    on_step: Callable[[Step], None] = lambda _: None,
) -> tuple[dict[str, Any], ...]:
    """Return the members' tensors.

    With `folder` the state is kept there and a run of the same recipe goes on where it stopped; `OptionError` where the folder holds another's.
    `begin` are members to start from. Lets through what `on_progress` raises, at the end of a step.
    """
    torch.set_num_threads(recipe.threads)
    members: list[dict[str, Any]] = []
    for member in range(recipe.members):
        run = _Run(
            pools=pools,
            recipe=recipe,
            member=member,
            folder=None if folder is None else folder / f"member{member}",
            device=device,
        )
        net = run.net(begin[member % len(begin)] if begin else None)
        members.append(run.go(net, on_progress, on_step))
    return tuple(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """The training of one member."""

    pools: Pools
    recipe: Recipe
    member: int
    folder: Path | None
    device: str

    def net(self, begin: Arrays | None) -> GainNet:
        """Return the network as it begins."""
        if begin is not None:
            return net_of(dict(begin), self.device)
        torch.manual_seed(self._seed(-1))
        inputs = np.concatenate([_all_inputs(e) for pool in self.pools for e in pool])
        spread = np.maximum(inputs.std(0), _LEAST_SPREAD).astype(np.float32)
        middle = inputs.mean(0).astype(np.float32)
        return GainNet(torch.tensor(middle), torch.tensor(spread)).to(self.device)

    def go(
        self, net: GainNet, on_progress: OnProgress, on_step: Callable[[Step], None]
    ) -> dict[str, Any]:
        """Train to the end and return the tensors."""
        recipe = self.recipe
        optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        first = self._resumed(net, optimiser)
        spread = net.spread.cpu().numpy()
        net.train()
        for number in range(first, recipe.steps):
            started = time.perf_counter()
            random = np.random.default_rng([recipe.seed, self.member, number])
            batch = batch_of(self.pools, recipe, random, spread)
            torch.manual_seed(self._seed(number))
            rate = rate_at(number, recipe)
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss, error = self._stepped(net, optimiser, batch)
            step = Step(
                member=self.member,
                step=number,
                loss=loss,
                fader_error_db=error,
                rate=rate,
                seconds=time.perf_counter() - started,
            )
            self._note(step)
            on_step(step)
            if (number + 1) % KEPT_EVERY == 0 or number + 1 == recipe.steps:
                self._keep(net, optimiser, number + 1)
            whole = recipe.steps * recipe.members
            on_progress((self.member * recipe.steps + number + 1) / whole, "learning")
        return arrays_of(net)

    def _stepped(
        self, net: GainNet, optimiser: torch.optim.Optimizer, batch: Batch
    ) -> tuple[float, float]:
        values = {
            f.name: torch.as_tensor(getattr(batch, f.name)).to(self.device) for f in fields(batch)
        }
        half = self.device.startswith("cuda")
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16, enabled=half):
            said = net(
                values["figures"], values["pictures"], values["seen"],
                values["there"], values["style"], values["reference"],
            )  # fmt: skip
        loss, error = loss_of(said.float(), values, self.recipe.pan_weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        return float(loss.detach()), float(error)

    def _seed(self, number: int) -> int:
        words = [self.recipe.seed, self.member, number + 1]
        return int(np.random.SeedSequence(words).generate_state(1)[0])

    def _note(self, step: Step) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / LOG
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow([f.name for f in fields(Step)])
            writer.writerow(
                [f"{v:.6g}" if isinstance(v, float) else v for v in asdict(step).values()]
            )

    def _keep(self, net: GainNet, optimiser: torch.optim.Optimizer, done: int) -> None:
        if self.folder is None:
            return
        state = {
            "done": done,
            "recipe": asdict(self.recipe),
            "net": net.state_dict(),
            "optimiser": optimiser.state_dict(),
        }
        with whole_file(self.folder / STATE) as part:
            torch.save(state, part)

    def _resumed(self, net: GainNet, optimiser: torch.optim.Optimizer) -> int:
        """Take up the state that the folder has; return the first step to make."""
        path = None if self.folder is None else self.folder / STATE
        if path is None or not path.is_file():
            return 0
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            message = f"{path.parent} holds a training with other settings."
            raise OptionError(message, hint="Use the same settings, or another folder.")
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        return int(state["done"])


def rate_at(number: int, recipe: Recipe) -> float:
    """Return the learning rate of a step."""
    place = (number + 1) / recipe.steps
    if place < _WARM:
        return recipe.rate * place / _WARM
    return float(recipe.rate * 0.5 * (1.0 + np.cos(np.pi * (place - _WARM) / (1.0 - _WARM))))


def loss_of(said: Tensor, batch: Mapping[str, Tensor], pan_weight: float) -> tuple[Tensor, Tensor]:
    """Return the loss of what the network said, and the mean fader error in dB."""
    there = batch["there"]
    apart = said[..., 0] - batch["wanted"] / GAIN_UNIT_DB
    apart = apart - _medians(apart, there)
    count = there.sum(1)
    far = (apart.abs() * torch.exp(-said[..., 1]) + said[..., 1]) * there
    aside = (said[..., 2] - batch["place"]).abs() * torch.exp(-said[..., 3]) + said[..., 3]
    aside = aside * there * batch["place_known"][:, None]
    loss = (far.sum(1) / count).mean() + pan_weight * (aside.sum(1) / count).mean()
    error = (apart.detach().abs() * there).sum(1) / count
    return loss, GAIN_UNIT_DB * error.mean()


def _medians(apart: Tensor, there: Tensor) -> Tensor:
    """Return the median of each row's real entries, (b, 1)."""
    hidden = torch.where(there > 0, apart, torch.full_like(apart, float("nan")))
    return torch.nanmedian(hidden, dim=1, keepdim=True).values


def _all_inputs(example: Example) -> np.ndarray[Any, Any]:
    """Return an example's inputs with each way of telling roles."""
    sure = np.full(example.count, 0.8, np.float32)
    ways = [(example.roles, sure, 0), (example.said, example.said_sure, 1)]
    return np.concatenate(
        [
            given.inputs_of(with_roles(example.figures, roles, how), example.rules_lu[:, way])
            for roles, how, way in ways
        ]
    )
