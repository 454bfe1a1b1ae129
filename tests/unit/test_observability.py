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


LIVE_AND_LEAVE = """
import os, sys
from app.observability import POST_BATCH_SALES, REPLICA_LAG, SALES
SALES.inc(2)
POST_BATCH_SALES.observe(7)
REPLICA_LAG.set(5)
print("counted", flush=True)
sys.stdin.read()
"""
LOOK = """
from prometheus_client import generate_latest
from app.observability import own_metrics
print(generate_latest(own_metrics()).decode())
"""


def start(folder: Path, source: str) -> "subprocess.Popen[str]":
    """A process that counts in this folder."""
    return subprocess.Popen(
        [sys.executable, "-c", source], env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def seen(folder: Path) -> dict[str, float]:
    """What a process that starts now tells Prometheus."""
    with start(folder, LOOK) as look:
        said, _ = look.communicate(timeout=60)
    lines = [line.rpartition(" ") for line in said.splitlines() if line.startswith("aisle_")]
    return {name: float(value) for name, _, value in lines}


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


def test_children_in_different_slots_are_added_up_and_the_dead_one_leaves_no_file(tmp_path: Path) -> None:
    assert count(tmp_path, 1, 2) == ("aisle_sales_total 2.0", 1)


def test_what_the_dead_have_counted_stays_and_their_files_go(tmp_path: Path) -> None:
    for _ in range(5):
        with start(tmp_path, LIVE_AND_LEAVE) as process:
            process.communicate(timeout=60)

    told = [seen(tmp_path), seen(tmp_path)]

    names = ("aisle_sales_total", 'aisle_post_batch_sales_bucket{le="10.0"}', "aisle_post_batch_sales_sum")
    assert [[one[name] for name in names] for one in told] == [[10, 5, 35]] * 2
    assert len(list(tmp_path.glob("*.db"))) <= 6  # of the dead, and of the one that looked last


def test_nobody_touches_the_files_of_a_living_process(tmp_path: Path) -> None:
    with start(tmp_path, LIVE_AND_LEAVE) as living:
        assert living.stdout is not None
        living.stdout.readline()

        told = seen(tmp_path)

        own = sorted(path.name.partition("_")[0] for path in tmp_path.glob(f"*-{living.pid}.db"))
        living.communicate(timeout=60)
    assert (told["aisle_sales_total"], told["aisle_replica_lag_seconds"]) == (2, 5)
    assert set(own) == {"counter", "gauge", "histogram"}


def test_a_child_that_has_counted_nothing_yet_keeps_nobody_from_reading(tmp_path: Path) -> None:
    idle = "import sys; from app.observability import take_slot; take_slot(0); print(1, flush=True); sys.stdin.read()"
    with start(tmp_path, idle) as child:
        assert child.stdout is not None
        child.stdout.readline()

        told = seen(tmp_path)

        child.communicate(timeout=60)
    assert told["aisle_sales_total"] == 0


def test_a_file_that_was_never_finished_keeps_nobody_from_reading_the_others(tmp_path: Path) -> None:
    (tmp_path / "counter_gone-7.db").write_bytes(b"")
    (tmp_path / "histogram_gone-7.db").write_bytes(b"\xff\xff\x00\x00nonsense")
    with start(tmp_path, LIVE_AND_LEAVE) as process:
        process.communicate(timeout=60)

    told = seen(tmp_path)

    assert told["aisle_sales_total"] == 2
    assert list(tmp_path.glob("*gone*")) == []
