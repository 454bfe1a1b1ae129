"""`flask catalog import`, `flask catalog export` and `flask catalog words`."""

import sys
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable
from sqlalchemy.exc import DBAPIError

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.database import is_away
from app.domain.catalog import CatalogFileRefused
from app.domain.errors import Busy
from app.services import catalog, catalog_export, catalog_files, catalog_search_words
from app.services.catalog import ImportReport
from app.unit_of_work import read_only, transact

WAIT_S: Final = 60.0
TRIES: Final = 20
group = ShopGroup("catalog", help="The product list: import and export.")


@group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prices", type=click.Path(path_type=Path), help="Store prices that belong to a price list.")
@click.option("--store-code", help="The store whose prices are taken; default: the one with most prices.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
def import_command(file: Path, prices: Path | None, store_code: str | None, dry_run: bool) -> None:
    """Import products from FILE (.csv, .csv.gz or .xlsx): all of it, or nothing when a row is bad."""
    console = Console(highlight=False)
    try:
        table = catalog_files.read_path(file)
        price_table = catalog_files.read_path(prices) if prices else None
        console.print(f"{escape(table.name)}: {len(table.rows)} rows ({escape(table.form)})")
        report = _import(console, table, price_table, store_code, dry_run)
    except CatalogFileRefused as refusal:
        raise click.ClickException(refusal.reason) from None
    except Busy as error:
        if isinstance(error.__cause__, DBAPIError) and is_away(error.__cause__):
            raise
        raise click.ClickException("Another import is running. Nothing was changed; try again later.") from None
    _print(console, report)
    sys.exit(1 if report.fault_count else 0)


def _import(
    console: Console,
    table: catalog_files.Table,
    prices: catalog_files.Table | None,
    store_code: str | None,
    dry_run: bool,
) -> ImportReport:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Checking" if dry_run else "Importing", total=len(table.rows))
        report = transact(
            lambda session: catalog.import_products(
                session, table, prices=prices, store_code=store_code, is_dry_run=dry_run, now=utc_now(),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            ),
            tries=TRIES,
            budget_s=WAIT_S,
        )  # fmt: skip
        if not report.fault_count:
            bar.update(task, completed=len(table.rows), total=len(table.rows))
    return report


def _print(console: Console, report: ImportReport) -> None:
    if report.fault_count:
        _print_faults(console, report)
        return
    if report.imported_before and not (report.created or report.changed):
        console.print(f"Already imported at {report.imported_before:%Y-%m-%d %H:%M} UTC: 0 changes.")
        return
    verb = "Would be" if report.is_dry_run else "Imported:"
    console.print(f"{verb} {report.created} new, {report.changed} changed, {report.unchanged} unchanged.")
    for what, names in (("categories", report.new_categories), ("suppliers", report.new_suppliers)):
        if names:
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            console.print(f"New {what}: {escape(', '.join(names[:10]))}{more}")


def _print_faults(console: Console, report: ImportReport) -> None:
    faults = RichTable("Row", "Field", "Reason", title=None)
    for fault in report.faults:
        faults.add_row(str(fault.row), escape(fault.field), escape(fault.reason))
    console.print(faults)
    more = f" (the first {len(report.faults)} are listed)" if report.fault_count > len(report.faults) else ""
    console.print(f"{report.fault_count} faults in {report.rows} rows{more}. Nothing was imported.")


@group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_command(file: Path) -> None:
    """Write every product to FILE (.csv, .csv.gz or .xlsx) in the form that `import` reads."""
    with read_only() as session:
        try:
            count = catalog_export.write(session, file)
        except CatalogFileRefused as refusal:
            raise click.ClickException(refusal.reason) from None
    click.echo(f"{count} products written to {file.name}.")


@group.command("words")
def words_command() -> None:
    """Write the words that products are found by anew: after an upgrade, or after SQL of your own."""
    count = transact(catalog_search_words.keep_all, tries=TRIES, budget_s=WAIT_S)
    click.echo(f"Words of {count} products written.")
