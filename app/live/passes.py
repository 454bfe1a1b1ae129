"""A pass lets a page open the stream of its store for a few minutes; the web signs it, the stream server checks it.

It spares the stream server the database, and the cookie the way to another port.
"""

from dataclasses import astuple, dataclass
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

GOOD_FOR_S: Final = 300
_SALT: Final = "aisle live stock"


@dataclass(frozen=True, slots=True)
class Pass:
    """The stream of one store, for pages of one origin; with the scans of a till where the page is one.

    `seat` is the computer: windows of one browser share it.
    """

    store_id: int
    origin: str
    till: str = ""
    seat: str = ""


def issue(secret_key: str, store_pass: Pass) -> str:
    """The signed text of a pass."""
    return _serializer(secret_key).dumps(astuple(store_pass))


def read(secret_key: str, text: str) -> Pass | None:
    """The pass behind a text; None when it is forged or too old."""
    try:
        return Pass(*_serializer(secret_key).loads(text, max_age=GOOD_FOR_S))
    except (BadData, ValueError, TypeError):
        return None


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=_SALT)
