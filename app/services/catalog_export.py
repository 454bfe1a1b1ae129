"""The product list as a file, in the form that the import reads."""

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from app.domain import money, quantity
from app.domain.catalog import CatalogFileRefused, FurtherCode
from app.domain.catalog_columns import OWN
from app.queries import catalog_export as questions
from app.queries.catalog_export import ExportRow
from app.services.catalog_files import MAX_ROWS
from app.services.catalog_rows import is_formula


def rows(session: Session, limit: int = MAX_ROWS) -> Iterator[tuple[str, ...]]:
    """The heading, then every product as text; texts that a spreadsheet would run are escaped."""
    yield OWN
    for row in questions.rows(session, limit):
        yield cells(row)


def cells(row: ExportRow) -> tuple[str, ...]:
    """One product as text, in the order of the heading."""
    texts = {
        "sku": row.sku,
        "barcode": _shortest(row.barcode),
        "name": row.name,
        "brand": row.brand,
        "category": row.category,
        "supplier": row.supplier,
        "unit": row.unit,
        "purchase_price": money.as_text(row.purchase_price),
        "selling_price": money.as_text(row.selling_price),
        "safety_stock": _plain(row.safety_stock),
        "pack_size": _plain(row.pack_size),
        "minimum_order": _plain(row.minimum_order),
        "shelf_life_days": str(row.shelf_life_days or ""),
        "net_quantity": row.net_quantity,
        "shelf": row.shelf,
        "plu": row.plu,
        "shortage_policy": row.shortage_policy,
        "further_barcodes": " ".join(_further(code) for code in row.further_barcodes),
        "stocked": "yes" if row.is_stocked else "no",
        "archived": "yes" if row.is_archived else "no",
    }
    return tuple(escaped(texts[name] or "") for name in OWN)


def escaped(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if is_formula(text.lstrip("'")) else text


def _shortest(code: str | None) -> str | None:
    """A GTIN without the zeros that pad it to 14 digits, but never shorter than EAN-13 (or EAN-8)."""
    if code is None or len(code) != 14 or not code.isdigit():
        return code
    for length in (8, 13):
        if code[:-length].strip("0") == "":
            return code[-length:]
    return code


def _plain(thousandths: int) -> str:
    return quantity.as_text(thousandths)


def _further(code: FurtherCode) -> str:
    pack = f"*{_plain(code.pack_quantity)}" if code.pack_quantity != quantity.ONE or code.pack_price else ""
    price = f"@{money.as_text(code.pack_price)}" if code.pack_price else ""
    return f"{_shortest(code.code)}{pack}{price}"


def as_csv(lines: Iterable[tuple[str, ...]]) -> bytes:
    """UTF-8 with a mark, so that a spreadsheet reads the letters right."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def as_csv_gz(lines: Iterable[tuple[str, ...]]) -> bytes:
    """The same, gzipped."""
    return gzip.compress(as_csv(lines), mtime=0)


def as_xlsx(lines: Iterable[tuple[str, ...]]) -> bytes:
    """One sheet of text cells: codes keep their digits, nothing is a formula."""
    # Takes a moment to load, and few processes ever write a workbook.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("products")
    for line in lines:
        cells = [WriteOnlyCell(sheet, text) for text in line]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


WRITERS: Final[Mapping[str, Callable[[Iterable[tuple[str, ...]]], bytes]]] = MappingProxyType(
    {".csv": as_csv, ".csv.gz": as_csv_gz, ".xlsx": as_xlsx}
)


def write(session: Session, path: Path) -> int:
    """Write all products to `path`; how many. The ending decides the form."""
    ending = "".join(path.suffixes[-2:]) if path.name.endswith(".gz") else path.suffix
    if ending not in WRITERS:
        raise CatalogFileRefused("kind", kind=ending or path.name)
    lines = list(rows(session))
    path.write_bytes(WRITERS[ending](lines))
    return len(lines) - 1
