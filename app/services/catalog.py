"""Import a product list: all of it or nothing, the same file twice changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.catalog import CatalogFileRefused, Fault, FurtherCode
from app.domain.catalog_columns import product_heading
from app.domain.events import ProductChanged
from app.models.catalog import Product, ProductBarcode, Supplier
from app.queries import catalog_import as questions
from app.queries import locks
from app.services import audit, catalog_search_words, labels, ledger
from app.services.catalog_changes import Plan, Planner, missing
from app.services.catalog_files import Table
from app.services.catalog_rows import CheckedRow, checked_rows, store_prices

CHUNK: Final = 1000
SHOWN_FAULTS: Final = 200
IMPORTER: Final = "import"
PRODUCTS: Final = cast(SqlTable, Product.__table__)
BARCODES: Final = cast(SqlTable, ProductBarcode.__table__)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, would do (`is_dry_run`) or why it did nothing (`faults`, the first 200 of `fault_count`)."""

    rows: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    new_categories: tuple[str, ...] = ()
    new_suppliers: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    is_dry_run: bool = False
    imported_before: datetime | None = None

    @property
    def is_applied(self) -> bool:
        """Whether the catalogue is now as the file says."""
        return not self.fault_count and not self.is_dry_run


def import_products(
    session: Session,
    table: Table,
    *,
    prices: Table | None = None,
    store_code: str | None = None,
    is_dry_run: bool = False,
    user_id: int | None = None,
    user_name: str = IMPORTER,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Bring the catalogue to what `table` says; products that it does not name stay as they are.

    `table` is in Aisle's own form, or a price list that takes its prices from `prices` (of `store_code`).

    Raises:
        CatalogFileRefused: the columns do not fit.
    """
    rows, faults = _check(table, prices, store_code)
    if faults:
        return _refused(len(table.rows), faults, is_dry_run)
    categories = missing(questions.category_ids(session), (row.category for row in rows))
    if not is_dry_run:
        locks.catalog(session, sorted({row.category for row in rows}))
    suppliers = missing(questions.supplier_ids(session), (row.supplier for row in rows if row.supplier))
    if not is_dry_run and suppliers:
        session.execute(insert(Supplier), [{"name": name} for name in suppliers])
    plan = Planner(session).plan(rows)
    if plan.faults:
        return _refused(len(table.rows), plan.faults, is_dry_run)
    report = _report(session, table, plan, is_dry_run, categories, suppliers)
    if not is_dry_run and (plan.new or plan.changed_ids):
        _apply(session, plan, user_name, now, progress)
        _record(session, table, report, user_id, now)
    return report


def _check(table: Table, prices: Table | None, store_code: str | None) -> tuple[list[CheckedRow], list[Fault]]:
    heading = product_heading(table.columns)
    if heading.is_price_list and prices is None:
        raise CatalogFileRefused("prices_missing")
    if prices is not None and not heading.is_price_list:
        raise CatalogFileRefused("prices_unwanted")
    found = checked_rows(table, heading, store_prices(prices, store_code) if prices else None)
    return found.rows, found.faults


def _refused(rows: int, faults: Sequence[Fault], is_dry_run: bool) -> ImportReport:
    return ImportReport(rows, faults=tuple(faults[:SHOWN_FAULTS]), fault_count=len(faults), is_dry_run=is_dry_run)


def _report(
    session: Session, table: Table, plan: Plan, is_dry_run: bool, categories: list[str], suppliers: list[str]
) -> ImportReport:
    changed = len(plan.changed_ids)
    return ImportReport(
        len(table.rows),
        created=len(plan.new),
        changed=changed,
        unchanged=len(table.rows) - len(plan.new) - changed,
        new_categories=tuple(categories),
        new_suppliers=tuple(suppliers),
        is_dry_run=is_dry_run,
        imported_before=questions.imported_at(session, table.digest),
    )


def _apply(session: Session, plan: Plan, user_name: str, now: datetime, progress: Progress) -> None:
    total = len(plan.new) + len(plan.changed)
    stamp = {"version": 1, "updated_at": now, "updated_by": user_name}
    for start in range(0, len(plan.new), CHUNK):
        session.execute(insert(Product), [values | stamp for values in plan.new[start : start + CHUNK]])
        progress(min(start + CHUNK, len(plan.new)), total)
    _free_codes(session, plan)
    _update(session, plan.changed, user_name, now)
    new = questions.ids_by_sku(session, [values["sku"] for values in plan.new]) if plan.new else {}
    _keep_words(session, plan, new.values())
    _flag_labels(session, plan, new.values(), now)
    progress(total, total)
    _replace_codes(session, plan, user_name, now)
    _announce(session, plan)


def _keep_words(session: Session, plan: Plan, new: Iterable[int]) -> None:
    renamed = {key for key, values in plan.changed.items() if "search_text" in values}
    catalog_search_words.keep(session, renamed | set(new))


def _flag_labels(session: Session, plan: Plan, new: Iterable[int], now: datetime) -> None:
    relabelled = {key for key, values in plan.changed.items() if labels.is_printed(values)}
    labels.flag(session, relabelled | set(new), now=now)


def _update(session: Session, changed: Mapping[int, Mapping[str, Any]], user_name: str, now: datetime) -> None:
    """One statement for all products of which the same columns change."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for product_id, values in sorted(changed.items()):
        row = {"of_product": product_id} | {f"to_{name}": value for name, value in values.items()}
        groups[tuple(sorted(values))].append(row)
    for names, rows in groups.items():
        statement = (
            update(PRODUCTS)
            .where(PRODUCTS.c.id == bindparam("of_product"))
            .values({name: bindparam(f"to_{name}", type_=PRODUCTS.c[name].type) for name in names})
            .values(version=PRODUCTS.c.version + 1, updated_at=now, updated_by=user_name)
        )
        session.execute(statement, rows)


def _free_codes(session: Session, plan: Plan) -> None:
    """Take codes away before they are given anew: two products may swap theirs."""
    for product_id, values in plan.changed.items():
        freed: dict[str, Any] = {name: None for name in ("barcode", "plu") if name in values}
        if "sku" in values:
            freed["sku"] = f"~{product_id}"
        if freed:
            session.execute(update(PRODUCTS).where(PRODUCTS.c.id == product_id).values(freed))


def _replace_codes(session: Session, plan: Plan, user_name: str, now: datetime) -> None:
    ids = questions.ids_by_sku(session, list(plan.codes_of_new)) if plan.codes_of_new else {}
    wanted = plan.codes_of_known | {ids[sku]: codes for sku, codes in plan.codes_of_new.items()}
    _update(session, {key: {} for key in plan.codes_of_known.keys() - plan.changed.keys()}, user_name, now)
    if plan.codes_of_known:
        old = delete(BARCODES).where(BARCODES.c.product_id == bindparam("of_product"))
        session.execute(old, [{"of_product": product_id} for product_id in plan.codes_of_known])
    rows = [_code_row(product_id, code) for product_id, codes in wanted.items() for code in codes]
    if rows:
        session.execute(insert(ProductBarcode), rows)


def _code_row(product_id: int, code: FurtherCode) -> dict[str, Any]:
    return {
        "product_id": product_id, "code": code.code, "pack_quantity": code.pack_quantity, "pack_price": code.pack_price
    }  # fmt: skip


def _announce(session: Session, plan: Plan) -> None:
    """Say what changed, so that prices and availability that others remember are read anew."""
    changed = sorted(plan.changed_ids)
    for start in range(0, len(changed), CHUNK):
        announce(session, ProductChanged(tuple(changed[start : start + CHUNK])))
    safety = [key for key, values in plan.changed.items() if {"safety_stock", "is_archived"} & values.keys()]
    for store_id, product_ids in questions.stocked_in(session, safety).items():
        ledger.announce_changes(session, store_id, product_ids)


def _record(session: Session, table: Table, report: ImportReport, user_id: int | None, now: datetime) -> None:
    details = {"file": table.name[:200], "rows": report.rows, "created": report.created, "changed": report.changed}
    audit.record(
        session, user_id=user_id, action=questions.ACTION, subject_kind="catalog", subject_id=table.digest,
        details=details, now=now,
    )  # fmt: skip
