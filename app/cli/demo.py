"""`flask demo load` and `flask demo logins`."""

import click
from flask import current_app
from flask_security import hash_password

from app.cli.in_words import ShopGroup
from app.clock import utc_now
from app.services import demo_shop
from app.unit_of_work import unit_of_work

group = ShopGroup("demo", help="The demonstration shop.")


@group.command("load")
def load_command() -> None:
    """Make the demo shop with a real catalogue and months of sales; nothing when a store exists."""
    _only_in_demo()
    with unit_of_work() as session:
        if not demo_shop.is_empty(session):
            click.echo("There is a shop already: nothing was loaded.")
            return
        click.echo("Loading the demo shop (once) ...")
        loaded = demo_shop.load(session, hash_password=hash_password, now=utc_now())
    click.echo(f"The demo shop has {loaded.products} products and {loaded.receipts} receipts.")


@group.command("logins")
def logins_command() -> None:
    """Print the users of the demo shop and their passwords."""
    _only_in_demo()
    for user in demo_shop.USERS:
        click.echo(f"  {user.username:<12} {user.password:<24} {user.display_name}")


def _only_in_demo() -> None:
    if not current_app.config["SETTINGS"].is_demo:
        raise click.ClickException("This is not a demo: AISLE_ENV is not demo.")
