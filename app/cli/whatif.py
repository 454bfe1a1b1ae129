"""`flask whatif`: past months with another service level, lead time or method."""

import json
from datetime import datetime
from typing import Any, Final

import click
from sqlalchemy import select

from app import forecast_work
from app.cli.in_words import InWords
from app.clock import utc_now
from app.domain.business_day import business_date
from app.domain.errors import ShopError
from app.domain.whatif import FIXED, Settings, WhatIfSettings
from app.models.stock import Store
from app.queries import forecast as questions
from app.unit_of_work import read_only

KINDS: Final = {
    "really": "really happened", "fixed": "safety stock alone", "now": "as set now", "what_if": "what if",
}  # fmt: skip
DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command("whatif", cls=InWords)
@click.option("--from", "first", type=DAY, required=True, help="First day, YYYY-MM-DD.")
@click.option("--to", "last", type=DAY, required=True, help="Last day, YYYY-MM-DD.")
@click.option("--service-level", type=float, help="How often stock should last, 0.5 to 0.999.")
@click.option("--lead-time", type=int, help="Days from an order to its arrival.")
@click.option("--method", help=f"A forecasting method, or {FIXED}: none at all.")
@click.option("--products", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Best sellers.")
@click.option("--store", "code", help="Code of the store; the first shop without it.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures for a program.")
def command(
    first: datetime,
    last: datetime,
    service_level: float | None,
    lead_time: int | None,
    method: str | None,
    products: int,
    code: str | None,
    as_json: bool,
) -> None:
    """Replay past days with other settings beside what really happened and what the settings of today would do."""
    level = None if service_level is None else round(service_level * 1000)
    settings = Settings(first.date(), last.date(), level, lead_time, method)
    store_id, time_zone = _store(code)
    try:
        settings.check(business_date(utc_now(), time_zone))
        forecast_work.check_method(method, also=FIXED)
    except ShopError as error:
        raise click.UsageError(_refusal(error)) from error
    found = forecast_work.replay(store_id, settings, products=products)
    if as_json:
        click.echo(json.dumps(found))
    else:
        _show(found)


def _refusal(error: ShopError) -> str:
    details = error.details
    if isinstance(error, WhatIfSettings):
        return f"{details['field']}: from {details['least']} to {details['most']}"
    return f"method: one of {FIXED}, {', '.join(details['known'])}"


def _store(code: str | None) -> tuple[int, str]:
    """Id and time zone of a shop."""
    with read_only() as session:
        shops = [store_id for store_id, _zone in questions.shops(session)]
        named = select(Store.id, Store.code, Store.time_zone).where(Store.id.in_(shops)).order_by(Store.id)
        rows = session.execute(named).all()
    found = next((row for row in rows if code in (None, row.code)), None)
    if found is None:
        raise click.UsageError(f"no active shop {code or ''}")
    return int(found.id), found.time_zone


def _show(found: dict[str, Any]) -> None:
    click.echo(f"{found['products']} products, {found['days']} days")
    click.echo(f"{'':<20}{'served':>8}{'stock':>10}{'days of it':>12}{'tied up':>12}{'wasted':>9}{'orders':>8}")
    for kind, name in KINDS.items():
        row = found[kind]
        fill = "–" if row["fill"] is None else f"{100 * row['fill']:.1f}%"
        days = "–" if row["stock_days"] is None else f"{row['stock_days']:.1f}"
        click.echo(
            f"{name:<20}{fill:>8}{row['stock'] // 1000:>10}{days:>12}{row['money'] / 100:>12.2f}"
            f"{row['wasted'] // 1000:>9}{row['orders'] or '':>8}"
        )
