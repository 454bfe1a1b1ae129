"""What an import would change: each checked row beside the product it means."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.domain.catalog import Fault, FurtherCode, identity
from app.domain.search_text import fold
from app.queries import catalog_import as questions
from app.services.catalog_rows import CheckedRow
from app.services.catalog_search_text import search_text

DEFAULTS: dict[str, Any] = {
    "barcode": None, "plu": None, "brand": None, "net_quantity": None, "shelf": None, "supplier_id": None,
    "unit": "piece", "purchase_price": 0, "safety_stock": 0, "pack_size": 1000, "minimum_order": 0,
    "shelf_life_days": None, "shortage_policy": None, "is_stocked": True, "is_archived": False,
}  # fmt: skip
UNIQUE = ("sku", "barcode", "plu")


@dataclass(slots=True)
class Plan:
    """New products, changed columns by product id, and further barcodes that differ."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)
    codes_of_new: dict[str, tuple[FurtherCode, ...]] = field(default_factory=dict)
    codes_of_known: dict[int, tuple[FurtherCode, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def changed_ids(self) -> set[int]:
        """Products that exist and change in any way."""
        return self.changed.keys() | self.codes_of_known.keys()


class Names:
    """Ids by name; MySQL takes "Food" and "FOOD" for one, so they are one everywhere unless both exist."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids
        self._folded = {fold(name): key for name, key in ids.items()}

    def id_of(self, name: str) -> int:
        """The id, or 0 for a name that a dry run did not make."""
        return self._ids.get(name) or self._folded.get(fold(name), 0)


def missing(ids: Mapping[str, int], names: Iterable[str]) -> list[str]:
    """Which names are not there yet, each once."""
    known = {fold(name) for name in ids}
    return sorted({fold(name): name for name in names if fold(name) not in known}.values())


class Planner:
    """The catalogue as it is, and row by row what becomes of it."""

    def __init__(self, session: Session) -> None:
        self._products = {row["id"]: row for row in questions.products(session)}
        self._codes = questions.further_codes(session)
        self._categories = Names(questions.category_ids(session))
        self._suppliers = Names(questions.supplier_ids(session))
        self._by_barcode = {row["barcode"]: key for key, row in self._products.items() if row["barcode"]}
        self._by_sku = {row["sku"]: key for key, row in self._products.items()}

    def plan(self, rows: Sequence[CheckedRow]) -> Plan:
        """Match by barcode, then by article number, and keep only what differs."""
        plan = Plan()
        for row in rows:
            self._plan_row(plan, row)
        if not plan.faults:
            plan.faults = list(self._taken(plan, rows))
        return plan

    def _plan_row(self, plan: Plan, row: CheckedRow) -> None:
        by_barcode = self._by_barcode.get(row.barcode) if row.barcode else None
        by_sku = self._by_sku.get(row.sku) if row.sku else None
        if by_barcode is not None and by_sku is not None and by_barcode != by_sku:
            params = {"by_barcode": self._products[by_barcode]["sku"]}
            plan.faults.append(Fault(row.number, "barcode", "two_products", params))
            return
        product_id = by_barcode if by_barcode is not None else by_sku
        if product_id is None:
            self._plan_new(plan, row)
        else:
            self._plan_known(plan, row, product_id)

    def _plan_new(self, plan: Plan, row: CheckedRow) -> None:
        values = DEFAULTS | {"sku": row.barcode} | row.values | self._references(row)
        values["search_text"] = search_text(values["name"], values["brand"], values["sku"])
        plan.new.append(values)
        if row.further_barcodes:
            plan.codes_of_new[values["sku"]] = row.further_barcodes

    def _plan_known(self, plan: Plan, row: CheckedRow, product_id: int) -> None:
        now = self._products[product_id]
        wanted = now | row.values | self._references(row)
        wanted["search_text"] = search_text(wanted["name"], wanted["brand"], wanted["sku"])
        changed = {name: value for name, value in wanted.items() if now[name] != value}
        if changed:
            plan.changed[product_id] = changed
        codes = row.further_barcodes
        if codes is not None and codes != self._codes.get(product_id, ()):
            plan.codes_of_known[product_id] = codes

    def _references(self, row: CheckedRow) -> dict[str, Any]:
        # A dry run makes no categories: those that are missing get an id that no row has.
        found: dict[str, Any] = {"category_id": self._categories.id_of(row.category)}
        if row.has_supplier:
            found["supplier_id"] = self._suppliers.id_of(row.supplier) if row.supplier else None
        return found

    def _taken(self, plan: Plan, rows: Sequence[CheckedRow]) -> Iterator[Fault]:
        """Codes that two products would carry afterwards."""
        after = [row | plan.changed.get(key, {}) for key, row in self._products.items()] + plan.new
        numbers = {
            (name, identity(name, value)): row.number
            for row in rows
            for name in UNIQUE
            if (value := row.values.get(name))
        }
        owners: dict[tuple[str, str], str] = {}
        for product in after:
            for name in UNIQUE:
                if product[name] is None:
                    continue
                key = (name, identity(name, product[name]))
                is_named = key in numbers or name != "plu"  # twins of an older version are no fault of this list
                if owners.setdefault(key, product["sku"]) != product["sku"] and is_named:
                    yield Fault(numbers.get(key, 0), name, "taken", {"value": product[name], "owner": owners[key]})
        yield from self._taken_codes(plan, owners, numbers)

    def _taken_codes(
        self, plan: Plan, owners: dict[tuple[str, str], str], numbers: dict[tuple[str, str], int]
    ) -> Iterator[Fault]:
        skus = {key: (row | plan.changed.get(key, {}))["sku"] for key, row in self._products.items()}
        known = self._codes | plan.codes_of_known
        further = [(skus[key], codes) for key, codes in known.items()] + list(plan.codes_of_new.items())
        seen: dict[str, str] = {}
        for sku, codes in further:
            for code in codes:
                owner = owners.get(("barcode", code.code)) or seen.setdefault(code.code, sku)
                if owner == sku:
                    continue
                if named := numbers.get(("barcode", code.code)):
                    yield Fault(named, "barcode", "taken", {"value": code.code, "owner": sku})
                else:
                    number = numbers.get(("sku", sku), 0)
                    yield Fault(number, "further_barcodes", "taken", {"value": code.code, "owner": owner})
