"""`flask camera watch`: a camera fixed over the belt scans for one till."""

import re
import signal
import sys
from pathlib import Path

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.cli.in_words import ShopGroup
from app.domain.errors import ShopError
from app.live import scans
from app.services import staff
from app.unit_of_work import read_only

group = ShopGroup("camera", help="Cameras fixed over a belt.")


@group.command("watch")
@click.option("--device", default="0", show_default=True, help="Number of the camera, or a video file.")
@click.option("--till", required=True, help="The till whose page takes the scans, as its top line names it.")
@click.option("--store", default="S1", show_default=True, help="Code of the store.")
def watch_command(device: str, till: str, store: str) -> None:
    """Read what passes a camera into the basket of a till, until Ctrl-C."""
    # OpenCV costs memory and a second of start: not for every process that has this command.
    from app.cli.camera_watch import TillPost, client_of, watch
    from app.devices.camera import VideoCamera

    if not re.fullmatch(scans.NAME, till):
        raise click.BadParameter("a till has 1 to 16 of A-Z, 0-9, dash and underscore", param_hint="--till")
    camera = VideoCamera(_device(device))
    client = client_of(current_app.config["SETTINGS"].redis_url)
    post = TillPost(client, _store_id(store), scans.till_key(till))
    # Whoever ends it from outside, a supervisor for one, is heard like Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        watch(camera, post, name=f"camera {device}", say=_say)
    except KeyboardInterrupt:
        _say(f"camera {device}: stopped")
    finally:
        signal.signal(signal.SIGTERM, before)


def _device(text: str) -> int | Path:
    if text.isdecimal():
        return int(text)
    if not Path(text).is_file():
        raise click.BadParameter("neither the number of a camera nor a video file", param_hint="--device")
    return Path(text)


def _store_id(code: str) -> int:
    try:
        with read_only() as session:
            return staff.store_id_of(session, code)
    except ShopError:
        raise click.BadParameter("there is no such store", param_hint="--store") from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database does not answer: {str(error).splitlines()[0]}") from None


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()
