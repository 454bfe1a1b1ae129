"""`flask reports verify` and `flask reports recount`."""

import sys
from datetime import date, datetime

import click
from sqlalchemy import select

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.domain.business_day import business_date
from app.models.stock import Store
from app.services import reports, reports_proof
from app.unit_of_work import read_only, transact

group = ShopGroup("reports", help="The summaries that reports are made of.")
BUDGET_S = 20.0


@group.command("verify")
def verify_command() -> None:
    """Count every summarised day and fortnight anew beside its summary: print each difference; exit code 1 when there
    is one. It writes nothing and may run while tills sell.
    """
    found = 0
    with read_only() as session, read_only() as names:
        for violation in reports_proof.differences(session, rest=session.rollback):
            click.echo(reports_proof.in_words(names, violation))
            names.rollback()
            found += 1
        waiting = reports_proof.unsettled(names, now=utc_now())
    if waiting.days or waiting.fortnights:
        click.echo(f"Not judged, as the hourly run counts them: {waiting.days} days, {waiting.fortnights} fortnights.")
    if found:
        click.echo(f"{found} differences. `flask reports recount STORE DAY` counts a day (and its fortnight) anew.")
    else:
        click.echo("The reports are right: summaries are what the receipts say, fortnights the sum of their days.")
    sys.exit(1 if found else 0)


@group.command("recount")
@click.argument("code", metavar="STORE")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
def recount_command(code: str, day: datetime) -> None:
    """Count a day of a store (its code) anew from the receipts; the next hourly run sums up its fortnight."""
    with read_only() as session:
        store = session.execute(select(Store.id, Store.time_zone).where(Store.code == code)).one_or_none()
    if store is None:
        raise click.BadParameter(f"no store has the code {code}")
    wanted: date = day.date()
    if wanted >= business_date(utc_now(), store.time_zone):
        raise click.BadParameter(f"{wanted} is not over yet")
    summary = transact(
        lambda session: reports.summarise_day(session, store.id, wanted, now=utc_now()), budget_s=BUDGET_S
    )
    click.echo(f"{code} {wanted}: {summary.products if summary else 0} products counted.")
