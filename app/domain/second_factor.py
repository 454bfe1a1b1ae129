"""Codes beside the password: six digits that change every thirty seconds, and recovery codes for a lost telephone."""

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Container
from datetime import datetime
from typing import Final
from urllib.parse import quote

from app.domain.staff import Role

STEP_S: Final = 30
DIGITS: Final = 6
AROUND: Final = (0, -1, 1)
"""Whose clock is half a minute off gets in too."""
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
RECOVERY_LENGTH: Final = 24
"""Letters of 5 bits: 120 bits, so that a plain hash of one tells nothing (ASVS 5.0, 6.5.2)."""
MAX_TYPED: Final = 64
ISSUER: Final = "Aisle"
OBLIGED: Final = frozenset({Role.MANAGER, Role.OPS})
"""Whose password alone opens too much."""


def is_obliged(roles: Container[str]) -> bool:
    """Whether somebody of these roles needs a second factor where the shop requires one."""
    return any(role in roles for role in OBLIGED)


def new_secret() -> bytes:
    """What the server and one telephone know."""
    return secrets.token_bytes(SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """The secret as authenticator apps take it from the keyboard."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, username: str) -> str:
    """The secret as authenticator apps take it from a QR code (the key URI format)."""
    return f"otpauth://totp/{ISSUER}:{quote(username)}?secret={as_text(secret)}&issuer={ISSUER}"


def step_at(now: datetime) -> int:
    """Which half minute since 1970 this is."""
    return int(now.timestamp()) // STEP_S


def code_of(secret: bytes, step: int) -> str:
    """The six digits of a step, as every authenticator app makes them (RFC 6238 and RFC 4226, 5.3, HMAC-SHA-1)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The step whose digits these are: now, the one before or the next; None when of none."""
    if not is_code(code):
        return None
    current = step_at(now)
    steps = [current + offset for offset in AROUND if secrets.compare_digest(code_of(secret, current + offset), code)]
    return steps[0] if steps else None


def tidy(typed: str) -> str:
    """A code without the spaces and dashes people group it by."""
    return "".join(one for one in unicodedata.normalize("NFKC", typed) if one.isalnum()).upper()


def is_code(text: str) -> bool:
    """Whether these are six digits, and not a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def new_recovery_code() -> str:
    """A code that works once, in groups that can be copied from paper."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_LENGTH * 5 // 8)).decode()
    return "-".join(text[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4))
