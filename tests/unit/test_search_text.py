"""The beginnings by which a search finds a text."""

import pytest

from app.domain.search_text import BEGINNING, beginnings


@pytest.mark.parametrize(
    ("folded", "expected"),
    [
        ("fresh milk 1 l", {"fresh", "milk", "1", "l"}),
        ("coca-cola 0.5", {"coca-cola", "cola", "0.5", "5"}),
        ("milk milk", {"milk"}),
        ("牛奶 nn", {"牛奶", "奶", "nn", "n"}),
        ("", set()),
    ],
)
def test_a_text_is_found_by_the_beginning_of_every_word_and_chinese_at_every_place(
    folded: str, expected: set[str]
) -> None:
    assert beginnings(folded) == expected


def test_a_long_word_is_found_by_so_much_of_it_as_is_kept() -> None:
    assert beginnings("x" * 600) == {"x" * BEGINNING}
