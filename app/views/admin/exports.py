"""Lists as files: capped, typed, safe to open in a spreadsheet, and audited."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from flask import Response, abort, request

from app.clock import utc_now
from app.services import audit
from app.unit_of_work import transact
from app.views.admin.formats import home_store
from app.views.recent_writes import data_time

MAX_ROWS: Final = 50_000
IN_MEMORY: Final = 1_000_000
PIECE: Final = 65_536
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\0")
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def cell(value: Any) -> Any:
    """A value as a cell: numbers stay numbers; a text that a spreadsheet would run starts with an apostrophe.

    Source: OWASP, CSV injection.
    """
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    text = str(value).replace("\u00a0", " ")
    return f"'{text}" if text.startswith(DANGEROUS) else text


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is ready to be sent, and how many rows it has below its heading."""

    content: IO[bytes]
    rows: int


def answer(view: Any, kind: str) -> Response:
    """The list of `view` as the user filtered it, at most `MAX_ROWS` rows."""
    if kind not in KINDS or not view.can_export:
        abort(404)
    done: Written = view.write_export(kind)
    _note(view, kind, done.rows)
    return _sent(view.endpoint, kind, done.content)


def as_file(name: str, kind: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Rows of cells as a file to be kept, named after what it is and when."""
    return _sent(name, kind, written(kind, heading, rows).content)


def written(kind: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Written:
    """Rows of cells as a file of a kind; a long one waits on the disk, and `rows` is gone through once."""
    # Flask closes it behind the answer.
    content = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    heads = [cell(title) for title in heading]
    count = _csv(content, heads, rows) if kind == "csv" else _xlsx(content, heads, rows)
    return Written(content, count)


def _sent(name: str, kind: str, content: IO[bytes]) -> Response:
    local = data_time().astimezone(ZoneInfo(home_store().time_zone))
    dated = f"{name}-{local:%Y%m%d-%H%M%S}.{kind}"
    length = content.seek(0, io.SEEK_END)
    content.seek(0)
    response = Response(
        iter(partial(content.read, PIECE), b""),
        content_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{dated}"', "Cache-Control": "no-store"},
    )
    response.content_length = length
    response.call_on_close(content.close)
    return response


def _note(view: Any, kind: str, count: int) -> None:
    filters = {key: value[:100] for key, value in request.args.items() if key.startswith("flt") or key == "search"}
    transact(
        lambda session: audit.record(
            session, user_id=view.staff.id, action="export", subject_kind=view.endpoint[:32],
            details={"rows": count, "kind": kind, "filters": filters}, now=utc_now(),
        )
    )  # fmt: skip


def _csv(content: IO[bytes], heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    # Excel takes a file without this mark for the local code page.
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    writer, count = csv.writer(text), 0
    writer.writerow(heads)
    for row in rows:
        writer.writerow(row)
        count += 1
    # Its end would close the file beneath.
    text.detach()
    return count


def _xlsx(content: IO[bytes], heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    # A sixth of the whole start-up time, for something that few processes ever do.
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book, count = Workbook(write_only=True), 0
    sheet = book.create_sheet("Aisle")
    sheet.append(heads)
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", one) if isinstance(one, str) else one for one in row])
        count += 1
    book.save(content)
    return count
