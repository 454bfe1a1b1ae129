"""`flask forecast run` and `flask forecast status`."""

import sys
import time
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import forecast_work
from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.domain.errors import ShopError
from app.extensions import celery
from app.models.stock import Store
from app.queries import forecast as questions
from app.queries.forecast import Progress
from app.services import forecast
from app.unit_of_work import read_only, transact

group = ShopGroup("forecast", help="Forecasts of demand.")


@group.command("run")
@click.option("--store", "code", help="Code of one store; every active shop without it.")
@click.option("--method", help="Forecast by this method alone instead of the best of each product.")
@click.option("--queue", "by_workers", is_flag=True, help="Leave the work to the workers of the forecast queue.")
def run_command(code: str | None, method: str | None, by_workers: bool) -> None:
    """Forecast what is sold, here and now; a run that is at work or was broken off is joined and ended."""
    try:
        forecast_work.check_method(method)
    except ShopError as error:
        raise click.BadParameter(f"{method}: known are {', '.join(error.details['known'])}") from error
    for store_id, name in _stores(code):
        if by_workers:
            celery.send_task("forecast.run", (store_id, method))
            click.echo(f"{name}: handed to the workers; `flask forecast status` shows how far they are")
        else:
            _run_here(store_id, name, method)


def _stores(code: str | None) -> list[tuple[int, str]]:
    with read_only() as session:
        shops = [(store_id, _code(session, store_id)) for store_id, _zone in questions.shops(session)]
    found = [shop for shop in shops if code is None or shop[1] == code]
    if not found:
        raise click.BadParameter(f"no active shop {code or ''}; there are: {', '.join(one[1] for one in shops)}")
    return found


def _code(session: Session, store_id: int) -> str:
    return session.scalars(select(Store.code).where(Store.id == store_id)).one()


def _run_here(store_id: int, name: str, method: str | None) -> None:
    began = time.perf_counter()
    started = transact(lambda session: forecast.start(session, store_id, now=utc_now(), method=method))
    click.echo(f"{name}: run {started.run_id} {'begun' if started.is_new else 'joined'}, {started.chunks} chunks to do")
    while forecast_work.do_next(started.run_id):
        run = _progress(started.run_id)
        click.echo(f"{name}: {run.chunks_done} of {run.chunks} chunks after {time.perf_counter() - began:.1f} s")
    run = _progress(started.run_id)
    state = "complete" if run.finished_at else f"{run.chunks - run.chunks_done} chunks are with other workers"
    click.echo(f"{name}: {run.products} products, {run.failed} failed, {time.perf_counter() - began:.1f} s, {state}")


def _progress(run_id: int) -> Progress:
    with read_only() as session:
        return questions.progress(session, run_id=run_id)[0]


@group.command("status")
def status_command() -> None:
    """Show the newest runs, how far each is and how old the forecast is; exit code 1 when a shop has none."""
    now = utc_now()
    with read_only() as session:
        runs, finished = questions.progress(session), questions.finished(session, now=now)
        failed = questions.failed_products(session)
        given_up = questions.given_up(session, *(run.id for run in runs))
    for run in runs:
        click.echo(_line(run, now))
        for part in given_up:
            if part.run_id == run.id:
                click.echo(
                    f"  chunk {part.number}: {part.products} products given up after {part.attempts} attempts: "
                    f"{part.problem}"
                )
    known = [moment for moment in finished if moment is not None]
    is_missing = len(known) < len(finished)
    age = _ago(min(known), now) if known else "none yet"
    click.echo(f"Newest complete forecast  {'missing in a shop' if is_missing else age}")
    click.echo(f"Products that failed      {failed}")
    sys.exit(1 if is_missing else 0)


def _line(run: Progress, now: datetime) -> str:
    took = ((run.finished_at or now) - run.started_at).total_seconds()
    state = f"complete in {took:.0f} s" if run.finished_at else f"at work for {took:.0f} s"
    method = f", by {run.method}" if run.method else ""
    return (
        f"run {run.id}  {run.store}  from {run.first_day}  {run.products} products, {run.chunks_done} of {run.chunks} "
        f"chunks, {run.failed} failed, {state}{method}"
    )


def _ago(moment: datetime, now: datetime) -> str:
    return f"{(now - moment).total_seconds() / 3600:.1f} h ago"
