"""Facts: what happened, said once it is durable. Small, serialisable, ids and whole numbers only."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened; handlers are wired in the composition root."""


@dataclass(frozen=True, slots=True)
class SalesCompleted(Fact):
    """Sales were stored and their stock reserved; they wait to be posted to the ledger."""

    sale_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StockChanged(Fact):
    """Availability of products in a store changed."""

    store_id: int
    product_ids: tuple[int, ...]


class LevelNow(NamedTuple):
    """A stock level after a change, thousandths; of two readings the one of the higher `revision` is newer."""

    product_id: int
    on_hand: int
    reserved: int
    revision: int


@dataclass(frozen=True, slots=True)
class LevelsChanged(Fact):
    """Stock levels of a store, as a change left them. Posting tells them too, though availability stays as it was."""

    store_id: int
    levels: tuple[LevelNow, ...]


@dataclass(frozen=True, slots=True)
class StockFellBelowSafety(Fact):
    """Projected stock of products in a store is below safety stock: an order line is due."""

    store_id: int
    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProductChanged(Fact):
    """Price, name, codes or policy of products changed."""

    product_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MasterDataChanged(Fact):
    """A category, a store or a label format changed: any product may read otherwise now."""


@dataclass(frozen=True, slots=True)
class WhatIfAsked(Fact):
    """Somebody waits for a replay of the past."""

    whatif_id: int


@dataclass(frozen=True, slots=True)
class StaffChanged(Fact):
    """A login ended, or a user's roles, password or permission to enter changed."""

    user_id: int


@dataclass(frozen=True, slots=True)
class PrintRequested(Fact):
    """A receipt waits for this printer."""

    printer_id: int
