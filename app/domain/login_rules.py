"""Names, passwords and how long to wait after wrong ones."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

MAX_USERNAME: Final = 64
MAX_PASSWORD: Final = 128
MIN_PASSWORD: Final = 12
MIN_DIFFERENT: Final = 5
USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
OBVIOUS: Final = ("password", "passwort", "qwerty", "123456", "abcdef", "letmein", "welcome", "aisle", "supermarket")
DISGUISES: Final = str.maketrans("013457@$!", "oieastasi")
AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
FORGET_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WaitRule:
    """Some wrong tries are free; then every further one doubles the wait, up to a limit."""

    free_tries: int
    first_wait_s: int
    longest_wait_s: int

    def wait(self, failures: int) -> timedelta:
        """How long to refuse after `failures` wrong tries in a row."""
        beyond = failures - self.free_tries
        if beyond <= 0:
            return timedelta(0)
        return timedelta(seconds=min(self.first_wait_s * 2 ** min(beyond - 1, 20), self.longest_wait_s))


PER_ACCOUNT: Final = WaitRule(free_tries=4, first_wait_s=60, longest_wait_s=900)
"""For one account from one address: nobody elsewhere is locked out by it."""
PER_ADDRESS: Final = WaitRule(free_tries=29, first_wait_s=5, longest_wait_s=15)
"""For one address whatever the account: a shop may share one, so the wait stays short."""


def normalised_username(text: str) -> str:
    """One spelling per name: no case, no surrounding space, no look-alike widths."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def is_username(text: str) -> bool:
    """Whether a new user may be called this."""
    return USERNAME.fullmatch(text) is not None


def normalised_password(text: str) -> str:
    """The same password from every keyboard."""
    return unicodedata.normalize("NFKC", text)


def password_fault(password: str, username: str, common: Collection[str] = ()) -> str | None:
    """Why a new password is too easy to guess, or None; `common` are those that others were caught with."""
    low = password.casefold()
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return "length"
    if len(set(low)) < MIN_DIFFERENT or username.casefold() in low:
        return "too_simple"
    rest = re.sub("|".join(OBVIOUS), "", low)
    return "too_common" if len(rest) < MIN_PASSWORD // 2 or _is_common(low, common) else None


def _is_common(low: str, common: Collection[str]) -> bool:
    """Whether it is such a password, once or more, as it is or behind the usual disguises."""
    bare = AROUND.sub("", low)
    stems = {low, bare, low.translate(DISGUISES), bare.translate(DISGUISES)}
    return any(stem in common or _repeated(stem) in common for stem in stems)


def _repeated(text: str) -> str:
    """What `text` repeats, or the text itself."""
    return text[: (text + text).index(text, 1)] if text else text
