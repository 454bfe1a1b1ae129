"""Who may do what, which names and passwords are taken, how long a wrong one waits."""

from datetime import timedelta

import pytest

from app.domain.login_rules import (
    PER_ACCOUNT,
    PER_ADDRESS,
    is_username,
    normalised_password,
    normalised_username,
    password_fault,
)
from app.domain.staff import PERMISSIONS, Permission, Role, permissions_of
from app.services.password_choice import weakness


def test_an_unknown_role_may_do_nothing() -> None:
    assert permissions_of(["owner", ""]) == frozenset()


def test_several_roles_add_up() -> None:
    both = permissions_of(["cashier", "ops"])

    assert both == {Permission.SELL, Permission.REFUND, Permission.VIEW_BACK_OFFICE, Permission.VIEW_QUEUES}


def test_every_role_has_its_permissions_written_down() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_only_managers_manage_staff() -> None:
    assert [role for role in Role if Permission.MANAGE_STAFF in PERMISSIONS[role]] == [Role.MANAGER]


@pytest.mark.parametrize("typed", ["Ana", " ana ", "ＡＮＡ"])
def test_a_user_name_has_one_spelling(typed: str) -> None:
    assert normalised_username(typed) == "ana"


def test_a_look_alike_from_another_alphabet_is_another_name() -> None:
    assert normalised_username("аna") != "ana"
    assert not is_username(normalised_username("аna"))


@pytest.mark.parametrize("name", ["ana", "a", "ana.maria-2_x", "7"])
def test_plain_names_are_taken(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "a b", "-ana", "ana\n", "<b>", "a" * 65, "安娜"])
def test_other_names_are_refused(name: str) -> None:
    assert not is_username(name)


def test_full_width_digits_are_the_same_password() -> None:
    assert normalised_password("１２３") == "123"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short-one", "length"),
        ("x" * 129, "length"),
        ("aaaabbbbaaaabbbb", "too_simple"),
        ("ana-likes-plums", "too_simple"),
        ("Password123456!", "too_common"),
        ("SuperMarket2026", "too_common"),
        ("correct horse battery", None),
        ("谢谢你买了十二个大西瓜呀", None),
    ],
)
def test_passwords_that_are_easy_to_guess_are_named(password: str, fault: str | None) -> None:
    assert password_fault(password, "ana") == fault


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc", "justinbieber", "JustinBieber", "football2026!", "Football 20260101", "dragondragon",
        "monkeymonkeymonkey", "M0nkey##############1", "ILoveYou2026", "112233445566",
        "demo-back-office",
    ],
)  # fmt: skip
def test_a_password_that_others_were_caught_with_is_named_in_every_disguise(password: str) -> None:
    assert weakness(password, "ana") in ("too_common", "too_simple")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "dragon eats monkeys", "谢谢你买了十二个大西瓜呀", "kX7-pQ2-vL9-tR4"]
)
def test_a_password_of_ones_own_is_taken(password: str) -> None:
    assert weakness(password, "ana") is None


def test_four_wrong_passwords_are_free_then_the_wait_doubles_to_its_limit() -> None:
    waits = [PER_ACCOUNT.wait(failures).total_seconds() for failures in range(1, 12)]

    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900]


def test_an_address_never_waits_longer_than_a_quarter_minute() -> None:
    assert PER_ADDRESS.wait(29) == timedelta(0)
    assert PER_ADDRESS.wait(30) == timedelta(seconds=5)
    assert PER_ADDRESS.wait(10**9) == timedelta(seconds=15)
