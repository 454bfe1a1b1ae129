"""Programs of the tests come out of Debian's packages without being installed."""

from pathlib import Path
from typing import Any

import pytest

from scripts import system_packages, unpacked_programs
from scripts.paths import SetupError
from scripts.unpacked_programs import Package

Commands = list[list[str]]
ALONE = Package("aisle-alone", ("aisle-alone",))
WITH_OTHERS = Package("aisle-served", ("aisle-served",), stands_alone=False, is_required=False)
CONTENTS = {
    "aisle-alone": "usr/bin/aisle-alone",
    "aisle-served": "usr/sbin/aisle-served",
    "libaisle1": "usr/lib/here/libaisle.so.1",
}


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that are given on a machine with apt-get; packages hold a file each."""
    given: Commands = []

    def run(words: list[Any], *, cwd: Path | None = None) -> None:
        given.append([str(word) for word in words])
        if "download" in words and cwd:
            for name in words[3:]:
                (cwd / f"{name}_1.0_all.deb").touch()
        elif words[0] == "dpkg-deb":
            unpack(Path(words[2]), Path(words[3]))

    monkeypatch.setattr(unpacked_programs, "TOOLS", tmp_path)
    monkeypatch.setattr(unpacked_programs, "has", lambda program: program == "apt-get")
    monkeypatch.setattr(unpacked_programs, "run", run)
    monkeypatch.setattr(
        unpacked_programs, "output_of", lambda _words: "Inst libaisle1 (1.0)\nInst aisle-served (1.0)\nConf libaisle1"
    )
    monkeypatch.setattr(system_packages, "refresh_lists", lambda: None)
    return given


def unpack(file: Path, folder: Path) -> None:
    path = folder / CONTENTS[file.name.partition("_")[0]]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o755)


def want(monkeypatch: pytest.MonkeyPatch, *packages: Package) -> None:
    monkeypatch.setattr(unpacked_programs, "PACKAGES", packages)


def test_a_program_is_taken_out_of_its_package_once(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    want(monkeypatch, ALONE)

    unpacked_programs.ensure_unpacked_programs()
    unpacked_programs.ensure_unpacked_programs()

    assert [words[:2] for words in commands] == [["apt-get", "download"], ["dpkg-deb", "-x"]]
    assert unpacked_programs.find("aisle-alone") == ALONE.folder / "usr/bin/aisle-alone"
    assert [path.name for path in ALONE.folder.iterdir()] == ["usr"]


def test_an_installed_program_goes_before_an_unpacked_one(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    want(monkeypatch, WITH_OTHERS)
    unpacked_programs.ensure_unpacked_programs()
    installed = tmp_path / "bin" / "aisle-served"
    installed.parent.mkdir()
    installed.touch(0o755)
    monkeypatch.setenv("PATH", str(installed.parent))

    found = unpacked_programs.find("aisle-served")

    assert found == installed
    assert unpacked_programs.root_of(installed) == Path("/")
    assert unpacked_programs.library_settings(installed) == {}


def test_a_program_that_needs_other_packages_is_led_to_their_libraries(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(monkeypatch, WITH_OTHERS)

    unpacked_programs.ensure_unpacked_programs()

    program = unpacked_programs.find("aisle-served")
    assert program == WITH_OTHERS.folder / "usr/sbin/aisle-served"
    assert commands[0] == ["apt-get", "download", "-qq", "libaisle1", "aisle-served"]
    assert unpacked_programs.root_of(program) == WITH_OTHERS.folder
    assert unpacked_programs.library_settings(program) == {"LD_LIBRARY_PATH": f"{WITH_OTHERS.folder}/usr/lib/here"}


def test_unpacking_that_was_broken_off_begins_again_from_nothing(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(monkeypatch, ALONE)
    for half in (ALONE.folder.with_suffix(".begun"), ALONE.folder):
        half.mkdir()
        (half / "half").touch()

    unpacked_programs.ensure_unpacked_programs()

    assert [path.name for path in ALONE.folder.parent.iterdir()] == ["aisle-alone"]
    assert [path.name for path in ALONE.folder.iterdir()] == ["usr"]


def test_the_set_up_goes_on_without_a_program_that_is_not_required(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(unpacked_programs, "output_of", lambda _words: "")
    want(monkeypatch, WITH_OTHERS)

    unpacked_programs.ensure_unpacked_programs()

    assert unpacked_programs.find("aisle-served") is None
    assert "tests that need aisle-served will be skipped, because apt-get finds no way" in capsys.readouterr().out


def test_without_any_package_manager_the_required_program_alone_ends_the_set_up(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (unpacked_programs, system_packages):
        monkeypatch.setattr(module, "has", lambda _program: False)
    want(monkeypatch, WITH_OTHERS, ALONE)

    with pytest.raises(SetupError, match=r"^aisle-alone is missing"):
        unpacked_programs.ensure_unpacked_programs()

    assert "Note: aisle-served is missing" in capsys.readouterr().out
    assert commands == []
