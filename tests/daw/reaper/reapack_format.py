"""The rules of ReaPack's index, version 1, as its documentation and its reader (index_v1.cpp, version.cpp, remote.cpp, source.cpp) have them.

`problems` reads an index as ReaPack does and returns what it would refuse or silently leave out. Written from what is public of ReaPack; no ReaPack has read
AMA's index.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

TYPES = {
    "script": "Scripts",
    "effect": "Effects",
    "data": "Data",
    "extension": "UserPlugins",
    "theme": "ColorThemes",
    "langpack": "LangPack",
    "webinterface": "reaper_www_root",
    "projecttpl": "ProjectTemplates",
    "tracktpl": "TrackTemplates",
    "midinotenames": "MIDINoteNames",
    "autoitem": "AutomationItems",
}
IN_CATEGORY = {"script", "effect", "autoitem"}
"""Types whose files lie below the index's name and the category."""
PLATFORMS = {
    "all",
    "darwin",
    "darwin32",
    "darwin64",
    "darwin-arm64",
    "linux",
    "linux32",
    "linux64",
    "linux-armv7l",
    "linux-aarch64",
    "windows",
    "win32",
    "win64",
    "windows-arm64ec",
}
SECTIONS = {
    "main",
    "midi_editor",
    "midi_inlineeditor",
    "midi_eventlisteditor",
    "mediaexplorer",
    "crossfade_editor",
}
LONGEST_SEGMENT = 65_535
_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}Z")
_FORBIDDEN = re.compile(r'[\\:*?"<>|\x00-\x1f]')


def problems(text: str) -> list[str]:
    """Return what is wrong with an index, in words."""
    try:
        root = root_of(text)
    except ET.ParseError as error:
        return [f"it is no XML: {error}"]
    return list(_index(root))


def root_of(text: str) -> ET.Element:
    """Return the root of an XML text."""
    return ET.fromstring(text.encode("utf-8"))  # noqa: S314  # made in this repository


def _index(root: ET.Element) -> Iterator[str]:
    if root.tag != "index":
        yield f"the root is {root.tag}"
        return
    if root.get("version") != "1":
        yield f"its format is {root.get('version')}"
    yield from _name(root.get("name"), "index")
    categories = root.findall("category")
    if not categories:
        yield "it has no category"
    for each in root:
        if each.tag not in {"category", "metadata"}:
            yield f"{each.tag} is not known"
    seen: set[str] = set()
    for category in categories:
        yield from _category(category, root.get("name", ""), seen)


def _category(category: ET.Element, index: str, seen: set[str]) -> Iterator[str]:
    name = category.get("name", "")
    for part in name.split("/") or [""]:
        yield from _name(part, "category")
    packages = category.findall("reapack")
    if not packages or len(packages) != len(category):
        yield f"category {name} holds something else than packages, or nothing"
    for package in packages:
        yield from _package(package, f"{index}/{name}", seen)


def _package(package: ET.Element, folder: str, seen: set[str]) -> Iterator[str]:
    name, kind = package.get("name", ""), package.get("type", "")
    yield from _name(name, "package")
    if kind not in TYPES:
        yield f"{name}: no type {kind!r}"
    versions = package.findall("version")
    if not versions:
        yield f"{name}: no version, so the package is left out"
    names = [version.get("name", "") for version in versions]
    if len(set(names)) != len(names):
        yield f"{name}: a version is there twice"
    for version in versions:
        files: set[str] = set()
        yield from _version(version, package, folder, files)
        if files & seen and version is versions[-1]:
            yield f"{name}: {files & seen} are in another package too"
        seen |= files if version is versions[-1] else set()


def _version(
    version: ET.Element, package: ET.Element, folder: str, files: set[str]
) -> Iterator[str]:
    name = version.get("name", "")
    yield from version_problems(name)
    if not _TIME.fullmatch(version.get("time", "")):
        yield f"{name}: the time is {version.get('time')!r}"
    if not version.get("author"):
        yield f"{name}: no author"
    for node in version:
        if node.tag not in {"changelog", "source"}:
            yield f"{name}: {node.tag} is not known"
    changelogs = version.findall("changelog")
    if len(changelogs) > 1 or any(
        len(node) or not (node.text or "").strip() for node in changelogs
    ):
        yield f"{name}: the changelog is empty, double, or no text"  # fmt: skip
    sources = version.findall("source")
    if not sources:
        yield f"{name}: no source, so the version is left out"
    for source in sources:
        yield from _source(source, package, folder, files)
    if package.get("type") == "script" and not any(source.get("main") for source in sources):
        yield f"{name}: nothing comes into the action list"


def version_problems(name: str) -> Iterator[str]:
    """Yield why ReaPack would not take a version's name: it begins with a number, and numbers and letters take turns."""
    if not re.match(r"\d", name, re.ASCII):
        yield f"version {name!r} does not begin with a digit"
    if not re.fullmatch(r"\d+([.\-+_ ]?[0-9a-zA-Z]+)*", name, re.ASCII):
        yield f"version {name!r} has odd characters"
    if any(int(part) > LONGEST_SEGMENT for part in re.findall(r"[0-9]+", name)):
        yield f"version {name!r} has a number beyond {LONGEST_SEGMENT}"


def _source(source: ET.Element, package: ET.Element, folder: str, files: set[str]) -> Iterator[str]:
    kind = str(source.get("type") or package.get("type", ""))
    file = str(source.get("file") or package.get("name", ""))
    unknown = set(source.attrib) - {"file", "type", "platform", "main", "hash"}
    if unknown:
        yield f"{file}: {unknown} are no attributes"
    if kind not in TYPES:
        yield f"{file}: no type {kind!r}"
    if source.get("platform", "all") not in PLATFORMS:
        yield f"{file}: no platform {source.get('platform')!r}"
    sections = (source.get("main") or "main").split()
    if not set(sections) <= SECTIONS:
        yield f"{file}: no section {source.get('main')!r}"
    if source.get("main") and kind != "script":
        yield f"{file}: only scripts come into the action list"
    yield from _address((source.text or "").strip(), file)
    path = target(folder, kind, file)
    if ".." in PurePosixPath(path).parts or PurePosixPath(path).is_absolute():
        yield f"{file}: leaves its folder"
    for part in PurePosixPath(file).parts:
        yield from _name(part, "file")
    if path.casefold() in files:
        yield f"{file}: two sources for one file"
    files.add(path.casefold())


def _address(url: str, file: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield f"{file}: {url!r} is no address"
    if re.search(r"\s", url) or not url.isascii():
        yield f"{file}: {url!r} is not escaped"
    if parts.username or parts.password or parts.port:
        yield f"{file}: {url!r} names a user or a port"


def target(folder: str, kind: str, file: str) -> str:
    """Return where ReaPack puts a file, below REAPER's resource folder."""
    below = f"{folder}/{file}" if kind in IN_CATEGORY else file
    return f"{TYPES.get(kind, '?')}/{below}"


def _name(name: str | None, what: str) -> Iterator[str]:
    if not name or name.strip() != name:
        yield f"a {what} has no name, or blanks around it"
    elif _FORBIDDEN.search(name) or name.startswith(".") or name.endswith(".") or "/" in name:
        yield f"the {what} {name!r} cannot be a folder or a file"
    elif what == "index" and name.casefold() == "reapack":
        yield "the name is ReaPack's own"
