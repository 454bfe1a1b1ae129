"""Roles and what each may do. Default: nothing."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """The roles of a shop."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    OPS = "ops"


class Permission(StrEnum):
    """What a route or action may ask for."""

    SELL = "sell"
    REFUND = "refund"
    GOODS_IN_HAND = "goods_in_hand"
    REFUND_OVER_LIMIT = "refund_over_limit"
    RESOLVE_EXCEPTIONS = "resolve_exceptions"
    RECEIVE_GOODS = "receive_goods"
    VIEW_BACK_OFFICE = "view_back_office"
    VIEW_SALES = "view_sales"
    VIEW_STOCK = "view_stock"
    MANAGE_CATALOG = "manage_catalog"
    APPROVE_ORDERS = "approve_orders"
    ADJUST_STOCK = "adjust_stock"
    COUNT_STOCK = "count_stock"
    APPROVE_COUNTS = "approve_counts"
    OPEN_DRAWER = "open_drawer"
    PRINT_LABELS = "print_labels"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_STAFF = "manage_staff"
    VIEW_REPORTS = "view_reports"
    VIEW_AUDIT = "view_audit"
    VIEW_QUEUES = "view_queues"


_CASHIER: Final = frozenset({Permission.SELL, Permission.REFUND})
_SUPERVISOR: Final = _CASHIER | {
    Permission.GOODS_IN_HAND,
    Permission.REFUND_OVER_LIMIT,
    Permission.RESOLVE_EXCEPTIONS,
    Permission.RECEIVE_GOODS,
    Permission.COUNT_STOCK,
    Permission.OPEN_DRAWER,
    Permission.PRINT_LABELS,
    Permission.VIEW_BACK_OFFICE,
    Permission.VIEW_SALES,
    Permission.VIEW_STOCK,
}
_OPS: Final = frozenset({Permission.VIEW_BACK_OFFICE, Permission.VIEW_QUEUES})

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.CASHIER: _CASHIER,
        Role.SUPERVISOR: _SUPERVISOR,
        Role.MANAGER: frozenset(Permission),
        Role.OPS: _OPS,
    }
)


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything the named roles may do; unknown names give nothing."""
    names = {role.value: role for role in Role}
    known = [names[name] for name in roles if name in names]
    return frozenset().union(*(PERMISSIONS[role] for role in known))
