"""Codes of authenticator apps, recovery codes, and how their secrets are kept."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from app.config import Settings
from app.domain import second_factor as rule
from app.domain.staff import Role
from app.services.second_factor_seal import keyed_hash, opened, seal
from tests.databases import TEST_SECRETS

SECRET: Final = b"12345678901234567890"
NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STEP: Final = timedelta(seconds=rule.STEP_S)
KEY: Final = "a long random text"


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238_appendix_b(seconds: int, eight_digits: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)

    assert rule.code_of(SECRET, rule.step_at(moment)) == eight_digits[-6:]


def test_the_codes_are_those_of_another_program() -> None:
    other = HOTP(SECRET, 6, SHA1())

    assert [rule.code_of(SECRET, step) for step in range(200)] == [other.generate(n).decode() for n in range(200)]


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_half_a_minute_off_is_forgiven_a_whole_one_is_not(steps: int, is_taken: bool) -> None:
    code = rule.code_of(SECRET, rule.step_at(NOON) + steps)

    found = rule.matching_step(SECRET, code, NOON)

    assert found == (rule.step_at(NOON) + steps if is_taken else None)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "é23456", "12345a"])
def test_what_is_not_six_digits_matches_nothing(typed: str) -> None:
    assert rule.matching_step(SECRET, typed, NOON) is None


@pytest.mark.parametrize("typed", ["287082", "287 082", " 287-082 ", "２８７０８２"])
def test_a_code_may_be_typed_in_groups_and_wide(typed: str) -> None:
    assert rule.tidy(typed) == "287082"


def test_the_address_names_shop_and_user_and_carries_the_secret() -> None:
    address = rule.address(SECRET, "ana.b")

    assert address == "otpauth://totp/Aisle:ana.b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Aisle"


def test_a_recovery_code_has_120_bits_in_six_groups() -> None:
    codes = {rule.new_recovery_code() for _ in range(50)}

    assert len(codes) == 50
    assert {(len(code), len(rule.tidy(code)), code.count("-")) for code in codes} == {(29, 24, 5)}


@pytest.mark.parametrize(
    ("roles", "is_obliged"),
    [
        ({Role.CASHIER, Role.SUPERVISOR}, False),
        ({Role.CASHIER, Role.MANAGER}, True),
        ({Role.OPS}, True),
        (set(), False),
    ],
)
def test_managers_and_ops_are_obliged(roles: set[Role], is_obliged: bool) -> None:
    assert rule.is_obliged(roles) is is_obliged


def test_a_sealed_secret_opens_for_its_user_and_key_only() -> None:
    sealed = seal(KEY, 7, SECRET)

    assert opened(KEY, 7, sealed) == SECRET
    assert opened(KEY, 8, sealed) is None
    assert opened("another random text", 7, sealed) is None
    assert sealed != seal(KEY, 7, SECRET)


def test_the_hash_of_a_recovery_code_is_the_users_own() -> None:
    hashes = {keyed_hash(KEY, 7, "A"), keyed_hash(KEY, 8, "A"), keyed_hash("another random text", 7, "A")}

    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("environment", "said", "is_required"),
    [
        ("production", "", True),
        ("production", "optional", False),
        ("demo", "", False),
        ("test", "", False),
        ("demo", "required", True),
    ],
)
def test_production_requires_a_second_factor_unless_told_otherwise(
    environment: str, said: str, is_required: bool
) -> None:
    settings = Settings(**TEST_SECRETS, aisle_env=environment, second_factor=said)  # type: ignore[arg-type]

    assert settings.requires_second_factor is is_required
