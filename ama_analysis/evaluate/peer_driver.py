"""Other people's systems behind AMA's job documents: `PYTHON peer_driver.py JOB.json ANSWER.json`, or `PYTHON peer_driver.py --versions`.

Runs in a Python of its own that has `pip install matchering libsonare`, and imports nothing of AMA. Matchering (GPL-3.0) gets the plain
sum of the stems at their present faders and one reference, and is used as its documentation shows. libsonare (suggest-mix) gets the
stems and their names; its scene is rendered by its own mixer, its trim plus fader and its pan count as the strip.
"""

from __future__ import annotations

import json
import math
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = {"matchering": "matchering", "libsonare": "libsonare"}
LIBSONARE_BLOCK = 1 << 14


def versions() -> dict[str, str]:
    """Return the versions of the packages that are installed here."""
    found = {}
    for package in PACKAGES.values():
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def stems_of(job: dict[str, Any]) -> tuple[list[Any], int]:
    """Return the stems' samples, (channels, frames) float32 each, and their rate."""
    import numpy as np
    import soundfile

    sounds, rate = [], 0
    for stem in job["stems"]:
        samples, rate = soundfile.read(stem["path"], dtype="float32", always_2d=True)
        sounds.append(np.ascontiguousarray(samples.T))
    return sounds, rate


def plain_sum(job: dict[str, Any], sounds: list[Any]) -> Any:  # noqa: ANN401  # NumPy is only imported inside
    """Return the sum (2, frames) of stems at their present faders and pans."""
    import numpy as np

    mix = np.zeros((2, max(sound.shape[1] for sound in sounds)), np.float32)
    for stem, sound in zip(job["stems"], sounds, strict=True):
        gain, pan = 10.0 ** (stem["gain_db"] / 20.0), stem["pan"]
        factors = np.array([[1.0 - max(pan, 0.0)], [1.0 + min(pan, 0.0)]], np.float32)
        mix[:, : sound.shape[1]] += np.float32(gain) * factors * sound
    return mix


def matchering(job: dict[str, Any]) -> dict[str, Any]:
    """Match the sum to the first reference; there are no faders to tell."""
    import matchering as mg
    import soundfile

    out = Path(job["out"])
    sounds, rate = stems_of(job)
    target = out.with_name(f"{out.stem}.sum.wav")
    soundfile.write(target, plain_sum(job, sounds).T, rate, subtype="FLOAT")
    del sounds
    mg.process(
        target=str(target), reference=job["references"][0], results=[mg.Result(str(out), "FLOAT")]
    )
    target.unlink()
    return {"strips": None, "moves": None}


def libsonare(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for a scene, render it where a mix is wanted, and tell its strips."""
    from libsonare import MixTrackInput, suggest_mix_scene

    sounds, rate = stems_of(job)
    tracks = [
        MixTrackInput(
            stem["id"], sound[0], sound[1] if len(sound) == 2 else None, name=stem["name"]
        )
        for stem, sound in zip(job["stems"], sounds, strict=True)
    ]
    scene = suggest_mix_scene(tracks, sample_rate=rate)["scene"]
    if job["out"]:
        render_scene(scene, job, sounds, rate)
    ids = {stem["id"] for stem in job["stems"]}
    strips = {strip["id"]: strip for strip in scene["strips"] if strip["id"] in ids}
    told = {
        name: {"gain_db": strip["inputTrimDb"] + strip["faderDb"], "pan": balance_of(strip["pan"])}
        for name, strip in strips.items()
    }
    return {"strips": told, "moves": moves_of(scene, told)}


def balance_of(pan: float) -> float:
    """Return the linear balance that tapers the far channel as libsonare's default law does, by tan((1 - |pan|) pi / 4) (measured)."""
    return math.copysign(1.0 - math.tan((1.0 - abs(pan)) * math.pi / 4.0), pan) if pan else 0.0


def moves_of(scene: dict[str, Any], told: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Count what a user would set: strips' gains and pans, inserts and sends everywhere; EQ bands by their gains."""
    gains = sorted(strip["gain_db"] for strip in told.values())
    middle = gains[len(gains) // 2] if gains else 0.0
    places = [*scene["strips"], *scene["buses"]]
    inserts = [insert for place in places for insert in place.get("inserts", [])]
    sends = sum(len(place.get("sends", [])) for place in places)
    bands = [
        abs(value)
        for insert in inserts
        if insert["processor"].startswith("eq.")
        for name, value in insert["params"].items()
        if "gaindb" in name.lower()
    ]
    count = sum(abs(gain) >= 0.05 for gain in gains)
    count += sum(abs(strip["pan"]) >= 0.005 for strip in told.values())
    plain = sum(not insert["processor"].startswith("eq.") for insert in inserts)
    return {
        "count": count + plain + len(bands) + sends,
        "mean_gain_db": sum(abs(gain - middle) for gain in gains) / max(len(gains), 1),
        "mean_eq_db": sum(bands) / len(bands) if bands else 0.0,
        "eq_bands": len(bands),
    }


def render_scene(scene: dict[str, Any], job: dict[str, Any], sounds: list[Any], rate: int) -> None:
    """Write the scene's mix without its tail, so that it is as long as the stems."""
    import numpy as np
    import soundfile
    from libsonare import Mixer

    length = max(sound.shape[1] for sound in sounds)
    silence = np.zeros((2, length), np.float32)
    at = {stem["id"]: sound for stem, sound in zip(job["stems"], sounds, strict=True)}
    channels = []
    for strip in scene["strips"]:
        padded = silence
        if strip["id"] in at:
            padded = silence.copy()
            padded[:, : at[strip["id"]].shape[1]] = at[strip["id"]]
        channels.append(padded)
    mixer = Mixer.from_scene_json(json.dumps(scene), sample_rate=rate, block_size=LIBSONARE_BLOCK)
    mixer.compile()
    for index in range(len(channels)):
        mixer.settle(index)
    with soundfile.SoundFile(job["out"], "w", rate, 2, "FLOAT", format="WAV") as file:
        for start in range(0, length, LIBSONARE_BLOCK):
            part = [channel[:, start : start + LIBSONARE_BLOCK] for channel in channels]
            block = mixer.process_stereo([p[0] for p in part], [p[1] for p in part])
            file.write(np.stack((np.asarray(block.left), np.asarray(block.right)), axis=1))
    mixer.close()


def peak_mb() -> float | None:
    """Return this process's largest resident memory, MB."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024.0
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def main(arguments: list[str]) -> None:
    """Answer a job, or tell the versions."""
    if arguments == ["--versions"]:
        sys.stdout.write(json.dumps(versions()))
        return
    job = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    systems = {"matchering": matchering, "libsonare": libsonare}
    answer = {**systems[job["system"]](job), "cpu_s": time.process_time(), "peak_mb": peak_mb()}
    Path(arguments[1]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
