"""Keeps the secrets of authenticator apps from whoever reads the database or a backup: the key is not in there.

Two keys are derived from SECRET_KEY. What was sealed under an earlier one opens for as long as that is among
SECRET_KEY_FALLBACKS; without it nothing does, and the second factor must be reset.
"""

import base64
import hmac
import secrets
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES: Final = 12


def seal(secret_key: str, user_id: int, secret: bytes) -> str:
    """The secret as it may be stored; of no use in the row of another user."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(secret_key, "seal")).encrypt(nonce, secret, str(user_id).encode())
    return base64.b64encode(nonce + sealed).decode()


def opened(secret_key: str, user_id: int, sealed: str) -> bytes | None:
    """The secret again; None when it was sealed under another key or for somebody else, or is none."""
    try:
        raw = base64.b64decode(sealed)
        nonce, rest = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        return AESGCM(_key(secret_key, "seal")).decrypt(nonce, rest, str(user_id).encode())
    except (InvalidTag, ValueError):
        return None


def keyed_hash(secret_key: str, owner: int | str, code: str) -> str:
    """What is stored of a code that works once, without spaces and dashes; another for another owner."""
    return hmac.digest(_key(secret_key, "recovery"), f"{owner}:{code}".encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _key(secret_key: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"aisle second factor {purpose}".encode())
    return derive.derive(secret_key.encode())
