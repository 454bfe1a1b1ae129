"""Whether a password may be chosen: long and varied, and none that others were caught with."""

import gzip
from functools import cache
from pathlib import Path
from typing import Final

from app.domain.login_rules import normalised_password, normalised_username, password_fault
from app.services.demo_shop import PUBLIC_PASSWORDS

COMMON: Final = Path(__file__).resolve().parent.parent / "data" / "common_passwords.txt.gz"


def weakness(password: str, username: str) -> str | None:
    """Why the password is too easy to guess ("length", "too_simple", "too_common"), or None.

    Source: ASVS 5.0, 6.2.1 and 6.2.4.
    """
    return password_fault(normalised_password(password), normalised_username(username), _common())


@cache
def _common() -> frozenset[str]:
    return PUBLIC_PASSWORDS.union(gzip.decompress(COMMON.read_bytes()).decode().split())
