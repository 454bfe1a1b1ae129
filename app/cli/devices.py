"""`flask scale` and `flask printer`: devices that stand nowhere, to try the till without buying any."""

from typing import IO

import click

from app.cli.in_words import ShopGroup
from app.devices.scale_simulator import STATES, ScaleSimulator
from app.domain.catalog import BadCell, quantity

DONE = ("", "q", "quit")
scales = ShopGroup("scale", help="Scales beside the tills.")
printers = ShopGroup("printer", help="Receipt printers.")


@scales.command("simulate")
@click.option("--port", default=4001, show_default=True, help="The till finds it at socket://HOST:PORT.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--weight", default="0.480", show_default=True, help="Kilograms on it at the start.")
def simulate_scale(port: int, host: str, weight: str) -> None:
    """A scale on a TCP port (8217 protocol). Type a weight in kg, a state, or nothing to end."""
    with ScaleSimulator(port, grams=_grams(weight), host=host) as simulator:
        click.echo(f"A scale at socket://{host}:{simulator.port}. States: {', '.join([*STATES, 'silent'])}.")
        while (typed := _typed(f"{simulator.state or f'{simulator.grams / 1000:.3f} kg'} > ")) not in DONE:
            if typed in STATES or typed == "silent":
                simulator.state = typed
                continue
            try:
                simulator.grams, simulator.state = _grams(typed), ""
            except click.BadParameter as error:
                click.echo(error.message)


@printers.command("simulate")
@click.option("--port", default=9100, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--file", type=click.File("ab"), help="Add what is printed to this file.")
def simulate_printer(port: int, host: str, file: IO[bytes] | None) -> None:
    """A receipt printer on a TCP port that says how much it was sent. Ctrl-C ends it."""
    from app.devices.printer_fake import PrinterServer  # only who simulates loads it

    server = PrinterServer(port, host)
    server.on_paper = lambda content: _show(content, file)
    click.echo(f"A printer at {host}:{server.port}.")
    server.run()


def _show(content: bytes, file: IO[bytes] | None) -> None:
    click.echo(f"{len(content)} bytes printed.")
    if file is not None:
        file.write(content)
        file.flush()


def _typed(prompt: str) -> str:
    try:
        return str(click.prompt(prompt, default="", show_default=False, prompt_suffix="")).strip()
    except click.Abort:
        return ""


def _grams(text: str) -> int:
    try:
        return quantity(text)
    except BadCell:
        raise click.BadParameter(f"{text!r} is no weight in kilograms") from None
