"""The beginnings by which a search finds a text."""

import pytest

from app.domain.search_text import BEGINNING, beginnings


@pytest.mark.parametrize(
    ("folded", "expected"),
    [
        ("fresh milk 1 l", {"fresh", "resh", "milk", "1", "l"}),
        ("h-milk 0.5", {"h-milk", "-milk", "milk", "0.5", "5"}),
        ("10045678", {"10045678", "0045678", "045678", "45678", "5678"}),
        ("milk milk", {"milk"}),
        ("牛奶 nn", {"牛奶", "奶", "nn", "n"}),
        ("", set()),
    ],
)
def test_a_text_is_found_by_its_words_by_four_letters_inside_and_chinese_at_every_place(
    folded: str, expected: set[str]
) -> None:
    assert beginnings(folded) == expected


def test_a_long_word_is_found_by_so_much_of_it_as_is_kept() -> None:
    assert beginnings("x" * 600) == {"x" * length for length in range(4, BEGINNING + 1)}
