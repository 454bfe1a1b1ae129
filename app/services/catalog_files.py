"""Product lists as tables of text: bytes of a CSV, gzipped CSV or xlsx in, heading and rows out.

Whatever the file claims about itself is counted while reading: sizes in an archive can lie.
"""

import csv
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.catalog import CatalogFileRefused

MEGABYTE: Final = 1_000_000
MAX_FILE: Final = 20 * MEGABYTE
MAX_UNPACKED: Final = 50 * MEGABYTE
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 64
CHUNK: Final = 65_536
SEPARATORS: Final = ",;\t|"
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"
"""Compound files: .xls, and every password-protected office file."""


@dataclass(frozen=True, slots=True)
class Table:
    """Heading and rows as text, each row with its number as a spreadsheet shows it (heading = 1)."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    form: str
    digest: str


def read_path(path: Path) -> Table:
    """The table in the file at `path`."""
    if not path.is_file():
        raise CatalogFileRefused("file_missing", name=path.name)
    if path.stat().st_size > MAX_FILE:
        raise CatalogFileRefused("too_large", limit=MAX_FILE // MEGABYTE)
    return read_bytes(path.read_bytes(), path.name)


def read_bytes(content: bytes, name: str) -> Table:
    """The table in `content`; `name` only tells a file with macros by its ending.

    Raises:
        CatalogFileRefused: too large, unreadable, of another kind, or without data rows.
    """
    if len(content) > MAX_FILE:
        raise CatalogFileRefused("too_large", limit=MAX_FILE // MEGABYTE)
    _refuse_kind(content, name)
    if content.startswith(ZIP):
        from app.services import catalog_xlsx

        form, rows = "xlsx", catalog_xlsx.rows(content)
    else:
        form, rows = _csv_rows(_unzipped(content) if content.startswith(GZIP) else content)
    return _table(name, form, rows, hashlib.sha256(content).hexdigest())


def _refuse_kind(content: bytes, name: str) -> None:
    ending = Path(name).suffix.lower()
    if content.startswith(OLE):
        raise CatalogFileRefused("old_excel")
    if ending == ".xlsm":
        raise CatalogFileRefused("macros")
    if ending in (".xls", ".xlsb", ".ods", ".pdf", ".json"):
        raise CatalogFileRefused("kind", kind=ending)
    if ending == ".xlsx" and not content.startswith(ZIP):
        raise CatalogFileRefused("damaged" if content else "no_data_rows")


def _table(name: str, form: str, rows: Iterator[tuple[int, tuple[str, ...]]], digest: str) -> Table:
    heading = next(rows, None)
    if heading is None:
        raise CatalogFileRefused("no_data_rows")
    columns = _without_empty_end(heading[1])
    if len(columns) > MAX_COLUMNS:
        raise CatalogFileRefused("too_many_columns", limit=MAX_COLUMNS)
    kept = tuple((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
    if not kept:
        raise CatalogFileRefused("no_data_rows")
    return Table(name, columns, kept, form, digest)


def _without_empty_end(cells: Sequence[str]) -> tuple[str, ...]:
    filled = [place for place, cell in enumerate(cells) if cell.strip()]
    return tuple(cells[: filled[-1] + 1]) if filled else ()


def _unzipped(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(content, MAX_UNPACKED + 1)
    except zlib.error:
        raise CatalogFileRefused("damaged") from None
    if len(unpacked) > MAX_UNPACKED:
        raise CatalogFileRefused("unpacks_too_large", limit=MAX_UNPACKED // MEGABYTE)
    if not unpacker.eof:
        raise CatalogFileRefused("damaged")
    return unpacked


def _csv_rows(content: bytes) -> tuple[str, Iterator[tuple[int, tuple[str, ...]]]]:
    text, encoding = _decoded(content)
    separator = _separator(text)
    shown = {"\t": "tab"}.get(separator, separator)
    return f"CSV, {encoding}, separator {shown}", _records(text, separator)


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in _candidates(content):
        try:
            return content.decode(encoding), encoding.removesuffix("-sig").upper()
        except UnicodeDecodeError:
            continue
    raise CatalogFileRefused("encoding")


def _candidates(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    start = content[:2000]
    if start.count(0) > len(start) // 3:  # UTF-16 without its mark: every other byte of plain text is zero
        return ("utf-16-le",) if start[1::2].count(0) > start[::2].count(0) else ("utf-16-be",)
    return ("utf-8-sig",)


def _separator(text: str) -> str:
    """The one that divides the heading into most columns."""
    heading = text.lstrip("\r\n").partition("\n")[0]
    return max(SEPARATORS, key=heading.count)


def _records(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    # Line ends of every kind; csv itself would take a lone CR inside a cell for a fault.
    source = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="")
    reader = csv.reader(source, delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CatalogFileRefused("unbalanced_quote", row=number) from None
        if number > MAX_ROWS + 1:
            raise CatalogFileRefused("too_many_rows", limit=MAX_ROWS)
        yield number, tuple(cells)
