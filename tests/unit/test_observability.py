"""Counts that several processes keep in one folder."""

import os
import subprocess
import sys
from pathlib import Path

COUNT_ONCE = """
import os, sys
from app.observability import SALES, take_slot
if os.fork() == 0:
    take_slot(int(sys.argv[1]))
    SALES.inc()
    os._exit(0)
os.wait()
if os.fork() == 0:
    take_slot(int(sys.argv[2]))
    SALES.inc()
    os._exit(0)
os.wait()
from prometheus_client import generate_latest
from app.observability import own_metrics
print(generate_latest(own_metrics()).decode())
"""


def count(folder: Path, *slots: int) -> tuple[str, int]:
    """Two children of one parent count a sale each in these slots: the sum, and how many of the files are theirs."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT_ONCE, *map(str, slots)],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("aisle_sales_total"))
    return line, len(list(folder.glob("counter_*-[0-9].db")))


def test_the_next_child_in_a_slot_goes_on_counting_in_the_same_file(tmp_path: Path) -> None:
    assert count(tmp_path / "made", 3, 3) == ("aisle_sales_total 2.0", 1)


def test_children_in_different_slots_are_added_up(tmp_path: Path) -> None:
    assert count(tmp_path, 1, 2) == ("aisle_sales_total 2.0", 2)
