"""A short seeded run of everything at once; `make faults` runs long ones."""

import re

from tests.faults import nemesis
from tests.faults.harness import FaultyShop
from tests.system import ROOT

SEED = 7
SECONDS = 14


def test_a_run_of_faults_loses_and_doubles_nothing(faulty: FaultyShop) -> None:
    findings = nemesis.run(faulty, seed=SEED, seconds=SECONDS)

    assert findings == [], f"seed {SEED}"


def test_every_test_that_the_page_of_faults_names_exists() -> None:
    page = (ROOT / "docs" / "faults.md").read_text()
    written = {
        name for path in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }

    named = set(re.findall(r"`(test_\w+)`", page))

    assert len(named) > 40
    assert named <= written
