"""AMA's scripts for ReaPack, REAPER's package manager: each as one file in `reapack/`, and `index.xml`, which a user imports by its address.

    python -m tools.reapack_index --url "https://HOST/OWNER/REPOSITORY/raw/v{version}"
    python -m tools.reapack_index              # again, at the address that index.xml or pyproject.toml has
    python -m tools.reapack_index --check      # writes nothing; exit code 1 where something is not as it would be written

`--url` is where the files of a version can be had for good: at the tag of the release, not on a branch, since an index keeps old versions and what
they point to must not change. Without it the address is what `[project.urls] Repository` in pyproject.toml says, with "/raw/v{version}" behind it, or what
index.xml has for this version. Entries of other versions stay as they are, unless they point to a host that cannot exist (`.invalid`).
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from ama_bridge.daw.reaper.install import ShippedFile
from ama_bridge.daw.reaper.shipped import items

ROOT: Final = Path(__file__).resolve().parents[1]
INDEX: Final = "index.xml"
FOLDER: Final = "reapack"
NAME: Final = "AMA"
CATEGORY: Final = "Mixing"
PACKAGE: Final = "AMA"
AUTHOR: Final = "AMA"
DESCRIPTION: Final = "AMA: a mixing assistant beside REAPER (scripts, JSFX, OSC pattern)"
PLACEHOLDER: Final = ".invalid/"
"""No host ends so (RFC 2606): where the project has no address yet."""
_TYPES: Final = {"script": "script", "effect": "effect", "osc": "data"}
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an entry of the index says of one version; `base` is the address of the repository's files."""

    name: str
    time: str
    base: str
    changelog: str


def files() -> dict[str, bytes]:
    """Return what `reapack/` holds: names and bytes, the scripts whole and with nothing filled in."""
    return {item.file: item.text.encode("utf-8") for item in items()}


def index(version: Version, older: str = "") -> str:
    """Return the text of index.xml; `older` are entries of other versions."""
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<index version="1" name={quoteattr(NAME)}>\n'
    package = (
        f'    <reapack name={quoteattr(PACKAGE)} type="script" desc={quoteattr(DESCRIPTION)}>\n'
    )
    return (
        f"{head}  <category name={quoteattr(CATEGORY)}>\n{package}{older}{entry(version)}"
        "    </reapack>\n  </category>\n</index>\n"
    )


def entry(version: Version) -> str:
    """Return a version's entry."""
    told = (
        f"name={quoteattr(version.name)} author={quoteattr(AUTHOR)} time={quoteattr(version.time)}"
    )
    sources = "".join(f"        {source(item, version.base)}\n" for item in items())
    said = f"        <changelog>{cdata(version.changelog)}</changelog>\n"
    return f"      <version {told}>\n{said if version.changelog else ''}{sources}      </version>\n"


def source(item: ShippedFile, base: str) -> str:
    """Return the element of one file. ReaPack has no type for OSC patterns; as data the file comes into Data/AMA, to be copied by the user."""
    attributes = {"file": f"AMA/{item.file}" if item.kind == "osc" else item.file}
    if item.kind == "script":
        attributes["main"] = "main"
    else:
        attributes["type"] = _TYPES[item.kind]
    told = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<source {told}>{escape(f'{base}/{FOLDER}/{quote(item.file)}')}</source>"


def cdata(text: str) -> str:
    """Return character data that any text can be."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def changelog(version: str) -> str:
    """Return the lines of CHANGELOG.md on this version that concern REAPER."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"(?ms)^## {re.escape(version)}\b.*?\n(.*?)(?=^## |\Z)", text)
    points = re.findall(r"(?m)^- .*(?:\n  .*)*", section[1] if section else "")
    return "\n".join(re.sub(r"\s+", " ", point) for point in points if "REAPER" in point)


def current_version() -> str:
    """Return the project's version."""
    return str(_project()["version"])


def _project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)["project"]
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an index that is there says: the address and the time of this version, and other versions' entries as text."""

    base: str = ""
    time: str = ""
    older: str = ""


def before(text: str, version: str) -> Before:
    """Read an index; `ET.ParseError` where it is none."""
    found = Before()
    older = ""
    for element in ET.fromstring(text).iter("version"):  # noqa: S314  # our own file
        addresses = [(node.text or "").strip() for node in element.iter("source")]
        if element.get("name") == version:
            base = addresses[0].rpartition(f"/{FOLDER}/")[0] if addresses else ""
            found = Before(base=base, time=element.get("time", ""))
        elif not any(PLACEHOLDER in address for address in addresses):
            older += f"      {_as_text(element)}\n"
    return Before(base=found.base, time=found.time, older=older)


def _as_text(element: ET.Element) -> str:
    """Return an entry as it was written, its changelog as character data again."""
    lines = [f"<version {_attributes(element)}>"]
    for node in element:
        body = cdata(node.text or "") if node.tag == "changelog" else escape(node.text or "")
        told = f" {_attributes(node)}" if node.attrib else ""
        lines.append(f"  <{node.tag}{told}>{body}</{node.tag}>")
    return "\n      ".join([*lines, "</version>"])


def _attributes(element: ET.Element) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in element.attrib.items())


def made(root: Path, url: str | None, time: str | None) -> dict[Path, bytes]:
    """Return every file as it is to be; `SystemExit` where no address is known."""
    version = current_version()
    path = root / INDEX
    known = before(path.read_text(encoding="utf-8"), version) if path.exists() else Before()
    base = url or _repository() or known.base
    if not base:
        raise SystemExit(
            "Where will the files lie? Give --url https://HOST/OWNER/REPOSITORY/raw/v{version}"
        )
    now = datetime.now(UTC).strftime(_TIME)
    entry_of = Version(
        name=version,
        time=time or known.time or now,
        base=base.replace("{version}", version).rstrip("/"),
        changelog=changelog(version),
    )
    texts = {root / FOLDER / name: data for name, data in files().items()}
    return {path: index(entry_of, known.older).encode("utf-8"), **texts}


def _repository() -> str:
    urls = _project().get("urls")
    address = urls.get("Repository", "") if isinstance(urls, dict) else ""
    return f"{address.rstrip('/')}/raw/v{{version}}" if address else ""


def stale(root: Path, wanted: dict[Path, bytes]) -> Iterator[str]:
    """Yield the names of files that are not as they would be written, and of those that nobody would write."""
    for path, data in wanted.items():
        if not path.exists() or path.read_bytes() != data:
            yield path.relative_to(root).as_posix()
    for path in sorted((root / FOLDER).glob("*")):
        if path not in wanted:
            yield path.relative_to(root).as_posix()


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--url", help="where a version's files can be had; {version} is filled in")
    parser.add_argument("--time", help="the version's time, as 2026-11-21T16:00:00Z")
    parser.add_argument("--check", action="store_true", help="write nothing")
    given = parser.parse_args(arguments)
    wanted = made(root, given.url, given.time)
    odd = list(stale(root, wanted))
    if given.check:
        print("\n".join(odd) or "as it would be written")
        return 1 if odd else 0
    for name in odd:
        path = root / name
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[path])
        else:
            path.unlink()
        print(name)
    if PLACEHOLDER in wanted[root / INDEX].decode("utf-8"):
        print("Its address is a placeholder: nobody can import it before --url names a real one.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
