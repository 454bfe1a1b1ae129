"""Every text for people has a Chinese one, and every refusal has a text."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import app
from app.domain.errors import ShopError
from app.views.errors import ANSWERS

ROOT: Final = Path(app.__file__).parent
CHINESE: Final = ROOT / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]")
BY_OTHERS: Final = frozenset({"refused", "invalid_basket"})
"""`refused` is the base class; the texts of `invalid_basket` are those of its lines."""


def chinese() -> Catalog:
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def texts_in_code() -> set[str]:
    with (ROOT / "translations" / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = DEFAULT_KEYWORDS | {"lazy_gettext": None}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {one for _file, _line, message, _comments, _context in found for one in _forms(message)}


def _forms(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


def refusals() -> Iterator[type[ShopError]]:
    for layer in ("domain", "services"):
        for module in pkgutil.iter_modules([str(ROOT / layer)]):
            importlib.import_module(f"app.{layer}.{module.name}")
    waiting: list[type[ShopError]] = [ShopError]
    while waiting:
        found = waiting.pop()
        waiting.extend(found.__subclasses__())
        yield found


def test_every_text_of_the_code_has_a_chinese_one() -> None:
    translated = {str(message.id) for message in chinese() if message.id and message.string}

    assert texts_in_code() - translated == set()


def test_no_chinese_text_is_left_that_nobody_says() -> None:
    assert {str(message.id) for message in chinese() if message.id} - texts_in_code() == set()


def test_a_translation_names_the_same_figures() -> None:
    wrong = [
        message.id
        for message in chinese()
        if sorted(PLACEHOLDER.findall(str(message.id))) != sorted(PLACEHOLDER.findall(str(message.string)))
    ]

    assert wrong == []


def test_every_refusal_has_a_status_and_a_text() -> None:
    unsaid = {found.code for found in refusals()} - set(ANSWERS) - BY_OTHERS

    assert unsaid == set()
