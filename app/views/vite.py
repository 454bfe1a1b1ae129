"""Which built files a page of the front end needs, read from Vite's manifest."""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import current_app

BASE: Final = "/static/dist/"
MANIFEST: Final = Path("dist") / ".vite" / "manifest.json"


@dataclass(frozen=True, slots=True)
class Assets:
    """Addresses of one entry: its script, the scripts it imports and its style sheets."""

    script: str
    imports: tuple[str, ...]
    styles: tuple[str, ...]


def assets(entry: str) -> Assets | None:
    """The built files of `entry`; None when the front end has not been built."""
    manifest = Path(str(current_app.static_folder)) / MANIFEST
    try:
        return _read(manifest, manifest.stat().st_mtime_ns, entry)
    except (FileNotFoundError, KeyError):
        return None


def offline_files(entry: str) -> tuple[str, ...]:
    """All built files but those that only other entries use: what `entry` may ask for once it is open.

    The manifest does not know what a worker loads, so they are not counted up from the entry.
    """
    manifest = Path(str(current_app.static_folder)) / MANIFEST
    chunks = json.loads(manifest.read_text())
    others = {name for name, chunk in chunks.items() if chunk.get("isEntry") and name != entry}
    foreign = _reached(chunks, others) - _reached(chunks, {entry})
    built = sorted(path.name for path in (manifest.parent.parent / "assets").iterdir())
    return tuple(f"{BASE}assets/{name}" for name in built if f"assets/{name}" not in foreign)


def _reached(chunks: Mapping[str, Any], entries: Iterable[str]) -> set[str]:
    """The files of `entries` and of all they import, at once or later."""
    waiting, seen = list(entries), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [*chunks[name].get("imports", ()), *chunks[name].get("dynamicImports", ())]
    return {file for name in seen for file in (chunks[name]["file"], *chunks[name].get("css", ()))}


@functools.lru_cache(maxsize=8)
def _read(manifest: Path, _changed_at: int, entry: str) -> Assets:
    chunks = json.loads(manifest.read_text())
    imports = list(dict.fromkeys(_imports(chunks, entry)))
    styles = dict.fromkeys(style for name in [entry, *imports] for style in chunks[name].get("css", ()))
    return Assets(
        script=BASE + chunks[entry]["file"],
        imports=tuple(BASE + chunks[name]["file"] for name in imports),
        styles=tuple(BASE + style for style in styles),
    )


def _imports(chunks: Mapping[str, Any], name: str) -> Iterator[str]:
    for imported in chunks[name].get("imports", ()):
        yield imported
        yield from _imports(chunks, imported)
