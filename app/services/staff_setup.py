"""The link that makes the first manager: signed, good for a day, and worth nothing once there is a manager."""

from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer

GOOD_FOR_S: Final = 24 * 3600
PURPOSE: Final = "first manager"


def issue(secret_key: str) -> str:
    """A new token for the link."""
    return str(_serializer(secret_key).dumps(PURPOSE))


def is_good(secret_key: str, token: str) -> bool:
    """Whether this installation made the token less than a day ago."""
    try:
        return bool(_serializer(secret_key).loads(token, max_age=GOOD_FOR_S) == PURPOSE)
    except BadData:
        return False


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=PURPOSE)
