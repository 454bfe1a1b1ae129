"""Text for receipt printers: nothing in it is ever a command.

Printers made for China take Chinese in "Kanji mode": `FS &`, then two bytes a character (GBK), `FS .` to leave it.
Everything else goes out as one byte a character, in plain ASCII or in code page 852 (Central and Western Europe).
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final

KANJI_ON: Final = b"\x1c&"
KANJI_OFF: Final = b"\x1c."
CODE_PAGE: Final = "cp852"
SELECT_CODE_PAGE: Final = b"\x1bt\x12"
"""`ESC t 18`: PC852, so numbered by Epson and by those who follow it."""
UNKNOWN: Final = "?"
# Letters that have no simpler form in Unicode, and signs that are on no code page.
_PLAIN: Final = str.maketrans(
    {"€": "EUR", "¥": "￥", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "ø": "o", "Ø": "O",
     "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "\t": " ", "\n": " ", "\r": " "}
)  # fmt: skip


def printable(text: str) -> str:
    """`text` in characters that paper can show; control characters are gone, so no name can be a command."""
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "".join(_shown(char) for char in plain if unicodedata.category(char)[0] != "C")


def encoded(text: str) -> bytes:
    """`text` as a printer takes it; it leaves the printer in the mode it found it in."""
    parts = groupby(printable(text), key=_is_wide)
    return b"".join(_chinese(chars) if is_wide else _western(chars) for is_wide, chars in parts)


def width(text: str) -> int:
    """How many columns `text` takes: two for a Chinese character."""
    return sum(2 if _is_wide(char) else 1 for char in printable(text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """`text` in lines of at most `columns`, broken between words where there are any."""
    line = ""
    for word in _words(printable(text)):
        if width(line + word.rstrip()) > columns and line:
            yield line.rstrip()
            line = ""
        line += word
    if line.strip():
        yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    """Pieces after which a line may end: words with their blank, each Chinese character, parts of endless words."""
    piece = ""
    for char in text:
        piece += char
        if char == " " or _is_wide(char) or len(piece) >= 16:
            yield piece
            piece = ""
    if piece:
        yield piece


def _shown(char: str) -> str:
    if char.isascii() or _is_wide(char) or _is_western(char):
        return char
    simple = "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii() and part.isprintable())
    return simple or ("" if unicodedata.combining(char) else UNKNOWN)


def _is_western(char: str) -> bool:
    try:
        return len(char.encode(CODE_PAGE)) == 1
    except UnicodeEncodeError:
        return False


def _is_wide(char: str) -> bool:
    """Whether the printer shows it with its Chinese font."""
    if char.isascii() or _is_western(char):
        return False
    try:
        return len(char.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def _western(chars: Iterator[str]) -> bytes:
    return "".join(chars).encode(CODE_PAGE)


def _chinese(chars: Iterator[str]) -> bytes:
    return KANJI_ON + "".join(chars).encode("gbk") + KANJI_OFF
