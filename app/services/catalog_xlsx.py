"""The first sheet of an xlsx file as rows of text, within a budget of bytes, parts, rows and columns."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.domain.catalog import CatalogFileRefused
from app.services.catalog_files import CHUNK, MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED, MEGABYTE

MAX_PARTS: Final = 1000


def rows(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Row numbers and cells of the first sheet; formulas give the value that was last computed."""
    _check_budget(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be a lie
        yield from _cells(sheet)
    except CatalogFileRefused:
        raise
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        SyntaxError,
    ) as error:
        raise CatalogFileRefused("damaged") from error


def _check_budget(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MAX_PARTS:
                raise CatalogFileRefused("too_many_parts", found=len(names), limit=MAX_PARTS)
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise CatalogFileRefused("macros")
            _count_bytes(archive)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise CatalogFileRefused("damaged") from error


def _count_bytes(archive: zipfile.ZipFile) -> None:
    unpacked = 0
    for member in archive.infolist():
        with archive.open(member) as part:
            while chunk := part.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED:
                    raise CatalogFileRefused("unpacks_too_large", limit=MAX_UNPACKED // MEGABYTE)


def _cells(sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS + 1:
            raise CatalogFileRefused("too_many_rows", limit=MAX_ROWS)
        cells = tuple(_as_text(value) for value in values[: MAX_COLUMNS + 1])
        if len(values) > MAX_COLUMNS and any(value is not None for value in values[MAX_COLUMNS:]):
            raise CatalogFileRefused("too_many_columns", limit=MAX_COLUMNS)
        yield number, cells


def _as_text(value: Any) -> str:
    """A cell as a person would read it: 4006381333931 and 1.99, not 4006381333931.0 and 1.9900000000000002."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
