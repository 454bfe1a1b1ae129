"""`flask audit verify`: has anybody rewritten the past?"""

import sys

import click

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.services import audit_seal
from app.unit_of_work import read_only

group = ShopGroup("audit", help="The audit log and the chain of hashes over it.")


@group.command("verify")
def verify_command() -> None:
    """Compute the chain anew: print every broken link and the head; exit code 1 when there is one."""
    with read_only() as session:
        report = audit_seal.verify(session, now=utc_now())
    for fault in report.faults:
        click.echo(fault)
    click.echo(f"{report.sealed} entries sealed, head {report.head}, {len(report.faults)} faults.")
    sys.exit(1 if report.faults else 0)
