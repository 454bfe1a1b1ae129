"""`flask stock verify` and `flask stock post`."""

import sys
from typing import Any, Final

import click
from sqlalchemy.orm import Session

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.queries import ledger_check
from app.queries.proof import Violation
from app.services import ops, reports_proof, stock
from app.unit_of_work import read_only, transact

BATCH: Final = 200
group = ShopGroup("stock", help="The stock ledger.")


@group.command("verify")
@click.option("--record", is_flag=True, help="Note the outcome in the audit log, as the nightly run does.")
def verify_command(record: bool) -> None:
    """Prove the books: print every violated invariant; exit code 1 when there is one."""
    found = print_violations()
    if record:
        transact(lambda session: ops.note_proof(session, violations=found, now=utc_now()))
    sys.exit(1 if found else 0)


def print_violations() -> int:
    """Run every invariant, print each violation; how many."""
    with read_only() as session:
        found = stock.verify(session, rest=session.rollback)
        for violation in found:
            click.echo(f"{violation.invariant}: {_shown(session, violation)}")
            if violation.invariant == "on_hand_is_sum_of_movements":
                click.echo(f"  {_cause(session, violation.row)}")
    click.echo(f"{len(found)} violations." if found else "The books are right: every invariant holds.")
    return len(found)


def _shown(session: Session, violation: Violation) -> str:
    if violation.invariant in reports_proof.TABLES:
        return reports_proof.in_words(session, violation)
    return ", ".join(f"{name}={value}" for name, value in violation.row.items())


def _cause(session: Session, row: dict[str, Any]) -> str:
    bad = ledger_check.first_bad_movement(session, row["store_id"], row["product_id"])
    if bad is None:
        return "every movement agrees with its document: the level was changed without a movement"
    document = f"{bad.source_kind} {bad.source_id}"
    said = "which does not exist" if bad.documented is None else f"which says {bad.documented}"
    return f"first bad movement: {bad.movement_id} ({bad.kind} {bad.quantity}) of {document}, {said}"


@group.command("post")
def post_command() -> None:
    """Post every waiting sale to the ledger without Celery."""
    posted = 0
    while batch := transact(lambda session: stock.post_sales(session, now=utc_now(), limit=BATCH)):
        posted += batch
    click.echo(f"{posted} sales posted.")
