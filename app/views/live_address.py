"""Where pages find the event streams: behind a proxy at /events of the shop itself, else on a port beside it."""

import re
from typing import Final

from flask import current_app, request

PATH: Final = "/events"
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\]")


def own_origin() -> str:
    """The shop as the browser of this request calls it."""
    return f"{request.scheme}://{request.host}"


def stream_origin() -> str | None:
    """The origin of the streams when it is another one than the shop's own."""
    port = current_app.config["SETTINGS"].sse_port
    found = _HOST.match(request.host)
    return f"{request.scheme}://{found[0]}:{port}" if port and found else None


def stream_url() -> str:
    """The address a page opens."""
    return f"{stream_origin() or ''}{PATH}"
