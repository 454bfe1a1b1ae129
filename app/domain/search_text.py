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


BEGINNING: Final = 24
"""So much of a word is kept to find it by."""
INSIDE: Final = 4
"""So many letters at its end make a word of their own, as in German compounds and numbers read from a label."""


def beginnings(folded: str) -> set[str]:
    """What a word that people type may begin like, for a text that is folded: every word and part of one.

    Inside a word too while four letters are left: "milk" finds buttermilk, "5678" the article 10045678. Chinese has no
    blanks between words, and its pinyin is stored in one piece: there, every place is a beginning.
    """
    is_chinese = any(_is_han(char) for char in folded)
    return {
        token[place : place + BEGINNING]
        for token in folded.split()
        for place in range(len(token))
        if place == 0
        or is_chinese
        or len(token) - place >= INSIDE
        or (token[place].isalnum() and not token[place - 1].isalnum())
    }


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u4dbf" or "\u4e00" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"
