"""What the manuals name exists: links, commands and their options, modules, files, settings, measurements, alerts."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
import pytest
from flask import Flask
from flask_migrate.cli import db as migrations
from ruamel.yaml import YAML

from app import cli
from app.config import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
OPERATIONS: Final = ROOT / "docs" / "operations.md"
DOCS: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*/data/README.md"))]
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
CODE: Final = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
FOLDERS: Final = ("app", "benchmarks", "deploy", "docs", "frontend", "migrations", "scripts", "tests")
MADE: Final = ("deploy/secrets", "app/static/dist")
"""By an operator, by the build."""


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code(path: Path) -> Iterator[str]:
    """Every line that is set as code."""
    for block, inline in CODE.findall(path.read_text()):
        yield from (block or inline).splitlines()


def everywhere(pattern: str) -> list[tuple[str, str]]:
    """What `pattern` finds in the code of all manuals, and where."""
    return [(names(path), found) for path in DOCS for line in code(path) for found in re.findall(pattern, line)]


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCS, ids=names)
def test_a_link_leads_somewhere(path: Path) -> None:
    broken = []
    for target in LINK.findall(path.read_text()):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


def test_a_make_target_exists_and_takes_what_it_is_given() -> None:
    makefile = (ROOT / "Makefile").read_text()
    settings = set(Settings.model_fields) | {name.lower() for name in re.findall(r"\$\(?([A-Z_]+)", makefile)}
    settings |= {"port", "python", "flower_port", "redis_port"}
    called = everywhere(r"(?:^|[\s;&])make((?: +[a-zA-Z_-]+(?:=\S+)?)+)")

    for where, words in called:
        for word in words.split():
            name, is_setting, _ = word.partition("=")
            known = name.lower() in settings if is_setting else re.search(rf"^{name}:", makefile, re.MULTILINE)
            assert known, f"{where}: make {words.strip()}"
    assert len(called) > 20


def test_a_flask_command_exists_with_its_options() -> None:
    shop = Flask("shop")
    cli.init_app(shop)
    shop.cli.add_command(migrations)
    called = everywhere(r"(?:^|[\s/;&])flask(?: --app wsgi)? ([a-z][a-z-]+[^;|#&`]*)")

    for where, words in called:
        command: click.Command = shop.cli
        options: set[str] = set()
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, f"{where}: flask {words}"
                command = command.commands[word]
                options = {option for one in command.params for option in one.opts}
            elif word.startswith("--"):
                assert word.partition("=")[0] in options, f"{where}: flask {words}"
    assert len(called) > 30


def test_a_module_that_is_run_exists() -> None:
    called = everywhere(r"python3? -m ([a-z_.]+)")

    assert {name for _, name in called if find_spec(name) is None} == set()
    assert len(called) > 5


def test_a_file_that_is_named_exists() -> None:
    pattern = rf"(?<![\w/.:-])((?:{'|'.join(FOLDERS)})/[\w./-]*\w)"
    named = [(where, name) for where, name in everywhere(pattern) if not name.startswith(MADE)]

    assert {(where, name) for where, name in named if not (ROOT / name).exists()} == set()
    assert len(named) > 50


def table(heading: str, column: int = 0) -> list[str]:
    """The code in a column of the table below a heading of the manual for operators."""
    part = OPERATIONS.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[column])]


def test_every_setting_of_the_application_is_explained_and_every_explained_one_is_read() -> None:
    explained = set(table("Settings"))
    sources = [*ROOT.glob("*.py"), *(ROOT / "app").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    source = "\n".join(path.read_text() for path in sources)
    own = {name.upper() for name in Settings.model_fields} - {"AISLE_ROLE"}
    unread = {name for name in explained - own if f'"{name}"' not in source}

    assert own - explained == set()
    assert unread == {"PROMETHEUS_MULTIPROC_DIR"} - set(re.findall(r'"(PROMETHEUS_MULTIPROC_DIR)"', source))


def test_every_measurement_that_is_explained_is_made() -> None:
    own = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    explained = set(re.findall(r"\baisle_[a-z0-9_]*[a-z0-9]", OPERATIONS.read_text()))
    explained -= {"aisle_web", "aisle_worker", "aisle_migrate", "aisle_queue_depth"}

    missing = {name for name in explained if name.removesuffix("_total") not in own and name not in own}

    assert missing == set()
    assert len(explained) > 30


def test_every_alert_says_what_to_do_and_nothing_is_said_of_others() -> None:
    rules = YAML(typ="safe").load(ROOT / "deploy" / "prometheus" / "alerts.yml")
    made = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    part = OPERATIONS.read_text().partition("| alert | what to do |")[2].partition("\n\n")[0]
    told = {name for line in part.splitlines()[2:] for name in line.split(" | ")[0].strip("| ").split(", ")}

    assert told == made


def test_every_service_of_the_composition_is_explained() -> None:
    services = set(YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"])

    assert set(table("With containers")) >= services


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").iterdir()]

    assert len(numbers) == len(set(numbers))


def test_a_test_that_is_named_exists() -> None:
    written = {path: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    modules = {str(path.relative_to(ROOT / "tests").with_suffix("")) for path in written}
    known = modules | {name.rpartition("/")[2] for name in modules}
    known |= {name for text in written.values() for name in re.findall(r"def (test_\w+)", text)}
    named = everywhere(r"(?<![\w/])((?:tests/)?(?:[a-z0-9]+/)?test_\w+)")

    assert {(where, name) for where, name in named if name.removeprefix("tests/") not in known} == set()
    assert len(named) > 100
