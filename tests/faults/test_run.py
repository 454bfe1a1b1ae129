"""A short seeded run of everything at once; `make faults` runs long ones."""

from tests.faults import nemesis
from tests.faults.harness import FaultyShop

SEED = 7
SECONDS = 14


def test_a_run_of_faults_loses_and_doubles_nothing(faulty: FaultyShop) -> None:
    findings = nemesis.run(faulty, seed=SEED, seconds=SECONDS)

    assert findings == [], f"seed {SEED}"
