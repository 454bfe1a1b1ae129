"""Which built files a page of the front end needs, read from Vite's manifest."""

import functools
import json
from collections.abc import Iterator, Mapping
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
