"""`flask replay`: real receipts through the public API as many tills at once, and then the proof of the books."""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli import replay_receipts
from app.cli.in_words import InWords
from app.cli.replay_figures import Figures, Journal, summary
from app.cli.replay_receipts import BadReceipts, Basket
from app.cli.replay_till import Account, GivenUp, Till
from app.cli.stock import print_violations
from app.clock import utc_now
from app.config import ROOT
from app.queries import sellable
from app.queries.replenishment import shortages_without_order
from app.services.demo_shop import USERS
from app.unit_of_work import read_only

POLL_S: Final = 0.1


def own_url() -> str:
    """Where the shop of this machine answers: the port that `make run` was given."""
    return f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"


@click.command("replay", cls=InWords)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tills", default=4, show_default=True, type=click.IntRange(1, 256), help="How many tills sell at once.")
@click.option("--speed", type=click.FloatRange(min=0.01), help="Keep the receipts' times, this much faster.")
@click.option("--url", default=own_url, show_default="this machine, PORT or 8000", help="Where the shop answers.")
@click.option("--limit", type=click.IntRange(1), help="Only the first so many receipts.")
@click.option("--journal", type=click.Path(dir_okay=False, path_type=Path), help="Where attempts are written down.")
@click.option("--scan", is_flag=True, help="Look every line up by its barcode first.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait until all is posted.")
@click.option("--username", help="Who sells; in a demo its cashier.")
@click.option("--password-file", type=click.File("r"), help="A file with the password of that user.")
@with_appcontext
def command(
    file: Path, tills: int, speed: float | None, url: str, limit: int | None, journal: Path | None, scan: bool,
    wait: float, username: str | None, password_file: TextIO | None,
) -> None:  # fmt: skip
    """Sell the receipts of FILE (columns receipt_id, ts, product_id, quantity) through the HTTP API."""
    console = Console(highlight=False)
    account = _account(url, username, password_file.read().strip() if password_file else None)
    baskets = _baskets(console, file, limit)
    path = journal or Path(os.environ.get("AISLE_VAR") or ROOT / "var") / f"replay-{utc_now():%Y%m%d-%H%M%S}.jsonl"
    with Journal(path) as written:
        sellers = [Till(f"R{number}", account, written, scans=scan) for number in range(1, tills + 1)]
        started = time.monotonic()
        stuck = _sell(console, sellers, baskets, speed)
        ended = time.monotonic()
    figures = Figures()
    for seller in sellers:
        figures.add(seller.figures)
    for line in summary(figures, ended - started):
        console.print(line, markup=False)
    console.print(f"journal: {path}", markup=False)
    is_settled = _wait_until_settled(console, ended, wait)
    violations = print_violations()
    sys.exit(1 if stuck or figures.failures or violations or not is_settled else 0)


def _account(url: str, username: str | None, password: str | None) -> Account:
    if username is None and current_app.config["SETTINGS"].is_demo:
        return Account(url, USERS[0].username, USERS[0].password)
    if username is None or password is None:
        raise click.ClickException("Outside a demo, name --username and --password-file.")
    return Account(url, username, password)


def _baskets(console: Console, file: Path, limit: int | None) -> list[Basket]:
    with read_only() as session:
        shelf = sellable.sellable(session)
    try:
        baskets, mapped = replay_receipts.baskets(file, shelf, limit)
    except (BadReceipts, OSError) as error:
        raise click.ClickException(f"{file.name}: {error}.") from None
    console.print(
        f"{len(baskets)} receipts with {sum(len(basket.quantities) for basket in baskets)} lines; "
        f"{mapped.by_article_number} products found by article number, {mapped.by_stand_in} sold as a fixed stand-in.",
        markup=False,
    )
    return baskets


class _Source:
    """Hands out the baskets in order, each not before its time."""

    def __init__(self, baskets: Sequence[Basket], speed: float | None) -> None:
        self._baskets = iter(baskets)
        self._first = baskets[0].sold_at if baskets else None
        self._speed = speed
        self._started = time.monotonic()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Basket]:
        while True:
            with self._lock:
                basket = next(self._baskets, None)
            if basket is None:
                return
            self._wait_for(basket)
            yield basket

    def _wait_for(self, basket: Basket) -> None:
        if self._speed is None or self._first is None:
            return
        due = self._started + (basket.sold_at - self._first).total_seconds() / self._speed
        time.sleep(max(0.0, due - time.monotonic()))


def _sell(console: Console, tills: Sequence[Till], baskets: Sequence[Basket], speed: float | None) -> int:
    """Let every till sell until no basket is left; how many tills got stuck."""
    columns = (TextColumn("Selling"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    stuck: list[str] = []
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("sell", total=len(baskets))
        source = _Source(baskets, speed)

        def work(till: Till) -> None:
            try:
                till.log_in()
                for basket in source:
                    till.ring_up(basket)
                    bar.advance(task)
            except GivenUp as error:
                stuck.append(f"{till.name}: {error}")
            finally:
                till.close()

        threads = [threading.Thread(target=work, args=(till,), name=till.name, daemon=True) for till in tills]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for line in stuck:
        console.print(f"STUCK {line}", markup=False)
    return len(stuck)


def _wait_until_settled(console: Console, last_sale: float, wait_s: float) -> bool:
    """Wait until the ledger has every sale and every shortage is on order; say how long that took."""
    waiting, short = -1, -1
    while time.monotonic() - last_sale < wait_s:
        with read_only() as session:
            if waiting:
                waiting = sellable.waiting_to_be_posted(session)
                if not waiting:
                    console.print(f"all posted {time.monotonic() - last_sale:.1f} s after the last sale")
            short = shortages_without_order(session) if not waiting else short
        if not waiting and not short:
            console.print(f"all shortages on order {time.monotonic() - last_sale:.1f} s after the last sale")
            return True
        time.sleep(POLL_S)
    console.print(
        f"after {wait_s:.0f} s: {waiting} sales wait to be posted, {max(short, 0)} shortages are not on order"
    )
    return False
