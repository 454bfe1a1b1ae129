"""What is locked: nothing below the versions that close known holes, and one version of everything."""

import re
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from scripts.check_advisories import ACCEPTED, front_end_result, python_result

ROOT: Final = Path(__file__).resolve().parents[2]
FLOORS: Final = {
    "celery": "5.6.0",  # CVE-2021-23727; the broker's password in logs
    "flask": "3.1.3",  # CVE-2026-27205, CVE-2023-30861
    "flask-admin": "1.5.3",  # CVE-2018-16516
    "flower": "1.2.0",  # CVE-2022-30034
    "gunicorn": "23",  # CVE-2024-1135, CVE-2024-6827
    "jinja2": "3.1.6",  # CVE-2025-27516
    "openpyxl": "2.4.2",  # CVE-2017-5992
    "pillow": "12.3",  # CVE-2026-40192, CVE-2026-42311
    "pymysql": "1.1.3",  # CVE-2024-36039
    "redis": "7.4",  # the password in its repr
    "tornado": "6.5.5",  # CVE-2025-47287, GHSA-qjxf-f2mg-c6mc
    "werkzeug": "3.1.6",  # CVE-2025-66221, CVE-2026-21860, CVE-2026-27199, CVE-2024-49767, CVE-2024-34069
}
"""The first versions without the known holes."""
ABSENT: Final[set[str]] = set()
"""Not used yet: their floor waits for them."""


def locked(name: str) -> dict[str, Version]:
    """Package and version of every line of a lock file."""
    found = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / name).read_text(), re.M)
    return {package: Version(version) for package, version in found}


def declared() -> dict[str, Requirement]:
    """What pyproject.toml asks for by itself."""
    text = (ROOT / "pyproject.toml").read_text()
    block = text.partition("\ndependencies = [")[2].partition("\n]")[0]
    return {one.name.lower(): one for one in map(Requirement, re.findall(r'^\s*"(.+?)",', block, re.M))}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_nothing_locked_is_below_the_version_that_closed_its_holes(name: str) -> None:
    versions = locked(name)

    too_old = {package: str(versions[package]) for package in FLOORS.keys() & versions.keys()
               if versions[package] < Version(FLOORS[package])}  # fmt: skip

    assert too_old == {}
    assert FLOORS.keys() - versions.keys() == ABSENT


def test_a_new_lock_could_not_go_below_them_either() -> None:
    asked = declared()
    loose = [
        package
        for package in FLOORS.keys() & asked.keys()
        if max(Version(one.version) for one in asked[package].specifier if one.operator == ">=")
        < Version(FLOORS[package])
    ]

    assert loose == []
    assert FLOORS.keys() - asked.keys() == ABSENT


def test_all_locks_hold_the_same_versions() -> None:
    run, tracing, dev = (locked(f"requirements{part}.lock") for part in ("", "-tracing", "-dev"))

    assert {
        package: (version, dev.get(package))
        for package, version in (run | tracing).items()
        if dev.get(package) != version
    } == {}
    assert {package for package in run.keys() & tracing.keys() if run[package] != tracing[package]} == set()
    assert len(run) > 50


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-tracing.lock", "requirements-dev.lock"])
def test_every_locked_package_is_checked_by_its_hash(name: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9._-]+(?:\[[^]]*\])?==)", (ROOT / name).read_text(), flags=re.M)[1:]

    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


PIP_AUDIT: Final = """{"dependencies": [
    {"name": "flask", "version": "3.1.3", "vulns": []},
    {"name": "pillow", "version": "9.0", "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["9.1"], "aliases": ["CVE-1"], "description": "x"}]},
    {"name": "own", "skip_reason": "not found"}]}"""


def test_a_known_hole_is_named_with_the_version_that_closes_it() -> None:
    found = python_result(PIP_AUDIT)

    assert found is not None
    assert (found.asked, found.findings) == (2, ("pillow 9.0: PYSEC-1, fixed in 9.1",))


def test_an_accepted_advisory_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.check_advisories.ACCEPTED", {"CVE-1": "only with scripts switched on"})

    found = python_result(PIP_AUDIT)

    assert found is not None
    assert found.findings == ()
    assert all(reason for reason in ACCEPTED.values())


@pytest.mark.parametrize(
    "output", ["", "Traceback", "[]", '{"dependencies": [{"name": "x", "skip_reason": "offline"}]}']
)
def test_without_an_answer_nothing_was_audited(output: str) -> None:
    assert python_result(output) is None


def test_npm_says_what_is_wrong_or_that_nobody_answered() -> None:
    report = """{"vulnerabilities": {"left-pad": {"severity": "high", "range": "<1.3"}},
        "metadata": {"dependencies": {"total": 9}}}"""

    found, silence = front_end_result(report), front_end_result('{"message": "405 Method Not Allowed"}')

    assert found is not None
    assert (found.asked, found.findings, silence) == (9, ("left-pad <1.3: high",), None)
