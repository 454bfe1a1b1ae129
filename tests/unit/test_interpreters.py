"""Aisle runs on the fastest Python of the machine, unless its owner names one."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import interpreters

MakePython = Callable[..., str]


@pytest.fixture
def make_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePython:
    """Puts a program on an otherwise empty PATH that says of itself what the probe would find out."""
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name: str, seconds: str, version: str = "3 12") -> str:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' {program} '{version}' {seconds}\n")
        program.chmod(0o755)
        return str(program)

    return make


def test_the_fastest_of_several_is_taken(make_python: MakePython, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", make_python("own", "0.0030"))
    make_python("python3.11", "0.0025")
    fast = make_python("python3.13", "0.0020")

    assert interpreters.chosen() == fast


def test_one_that_is_hardly_faster_does_not_replace_the_own(
    make_python: MakePython, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = make_python("own", "0.0022")
    monkeypatch.setattr(sys, "executable", own)
    make_python("python3", "0.0020")

    assert interpreters.chosen() == own


def test_a_python_of_another_version_or_with_parts_missing_is_left_out(
    make_python: MakePython, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = make_python("own", "0.0030")
    monkeypatch.setattr(sys, "executable", own)
    make_python("python3", "0.0010", version="3 9")
    (tmp_path / "python3.12").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3.12").chmod(0o755)

    assert interpreters.chosen() == own


def test_an_own_python_with_parts_missing_is_replaced(make_python: MakePython, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python3")
    whole = make_python("python3", "0.0030")

    assert interpreters.chosen() == whole


def test_a_python_named_by_its_owner_is_taken_however_slow(
    make_python: MakePython, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_python("named", "0.0090")
    make_python("python3", "0.0010")
    monkeypatch.setattr(sys, "executable", named)
    monkeypatch.setenv("PYTHON", named)

    assert interpreters.chosen() == named


def test_the_probe_says_who_it_is_and_how_long_it_took() -> None:
    found = interpreters._seconds([sys.executable])

    assert list(found) == [os.path.realpath(sys.executable)]
    assert 0 < next(iter(found.values())) < 5
