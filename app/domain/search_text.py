"""Folding text for search: what is stored and what is asked for meet in one plain form."""

import unicodedata
from typing import Final

# Letters that have no decomposition but that people type without their stroke.
_STROKES: Final = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def fold(text: str) -> str:
    """`text` in lower case without accents, runs of blanks as one: "ŠUNKA  Đurđa" -> "sunka durda"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.translate(_STROKES).split())
