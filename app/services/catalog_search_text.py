"""The text a product is found by: folded name, brand and article number, Chinese also as pinyin."""

import re
from typing import Final

from app.domain.search_text import fold

LENGTH: Final = 600
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def search_text(name: str, brand: str | None, sku: str) -> str:
    """What is stored in `Product.search_text` for these; fold a question with `domain.search_text.fold`."""
    words = fold(" ".join(part for part in (name, brand, sku) if part))
    return " ".join([words, *_pinyin(f"{name} {brand or ''}")])[:LENGTH].rstrip()


def _pinyin(text: str) -> list[str]:
    """Initials and full pinyin of the Chinese parts: "纯牛奶" -> ["cnn", "chunniunai"]."""
    if not _HAN.search(text):
        return []
    # Its dictionaries take a moment to load; most shops never need them.
    from pypinyin import Style, lazy_pinyin

    chinese = "".join(_HAN.findall(text))
    initials = lazy_pinyin(chinese, style=Style.FIRST_LETTER)
    return [fold("".join(initials)), fold("".join(lazy_pinyin(chinese, style=Style.NORMAL, v_to_u=False)))]
