"""Train the classifier of roles from sound: `python tools/train_roles.py OUT.safetensors FOLDER... [--held-out NAME...] [--never SESSION...] [--kept FOLDER]`.

Folders hold sessions with a session.json (tools/role_material.py and tools/gm_sessions.py make some). Prints the scores on songs that were held out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ama_analysis.models.training.role_learning import RoleRecipe
from ama_analysis.models.training.roles import train_roles


def main() -> None:
    """Train, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--held-out", nargs="*", default=None)
    parser.add_argument("--never", nargs="*", default=[])
    parser.add_argument("--kept", type=Path, default=None)
    parser.add_argument("--steps", type=int, default=RoleRecipe().steps)
    parser.add_argument("--seed", type=int, default=RoleRecipe().seed)
    given = parser.parse_args()
    trained = train_roles(
        given.folders,
        recipe=RoleRecipe(steps=given.steps, seed=given.seed),
        held_out_sources=given.held_out,
        never=given.never,
        kept=given.kept,
    )
    given.out.write_bytes(trained.to_bytes())
    for source, scores in trained.scores.items():
        print(source, scores)
    print("temperature", trained.net.temperature, "bytes", given.out.stat().st_size)


if __name__ == "__main__":
    main()
