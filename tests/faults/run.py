"""`make faults SEED=1 MINUTES=5` or `SEEDS=20`: seeded runs of faults against a whole shop, one after the other."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from tests import shared_servers
from tests.system import ROOT

if TYPE_CHECKING:
    from tests.faults.harness import FaultyShop

SECONDS_PER_SEED = 30.0


def main() -> int:
    """Run seeds; the first one that goes wrong ends it and keeps its folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seeds", type=int, default=0, help="this many seeds instead of a time")
    parser.add_argument("--each", type=float, default=SECONDS_PER_SEED, help="seconds of faults per seed")
    arguments = parser.parse_args()
    with own_servers():
        if arguments.seeds:
            return _run_seeds(range(arguments.seed, arguments.seed + arguments.seeds), arguments.each)
        return _run_for(arguments.minutes * 60, arguments.seed, arguments.each)


@contextmanager
def own_servers() -> Iterator[None]:
    """The settings of a run outside of pytest, which ends its servers however it ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    shared_servers.open_run()
    os.environ |= {"AISLE_ENV": "test", "REDIS_URL": shared_servers.redis_url()}
    try:
        yield
    finally:
        shared_servers.close_run()


@contextmanager
def own_shop() -> Iterator["tuple[FaultyShop, Path]"]:
    """A whole shop, and the folder of its logs, which stays."""
    # Imported late: the settings of `own_servers` must stand first.
    from tests.faults.harness import faulty_shop

    folder = Path(mkdtemp(prefix="aisle-faults-"))
    with faulty_shop(folder) as shop:
        yield shop, folder


def _run_for(seconds: float, seed: int, each: float) -> int:
    end = time.monotonic() + seconds
    with own_shop() as (shop, folder):
        while (left := end - time.monotonic()) > 0:
            say(f"seed {seed}, commit {commit()}")
            if not _is_green(shop, folder, seed, min(left, each), say):
                return 1
            say(f"seed {seed} is green")
            seed += 1
    return 0


def _run_seeds(seeds: range, each: float) -> int:
    say(f"{len(seeds)} seeds of {each:g} s, commit {commit()}")
    with own_shop() as (shop, folder):
        for seed in seeds:
            told: list[str] = []
            begun = time.monotonic()
            if not _is_green(shop, folder, seed, each, told.append):
                say(*told)
                return 1
            *faults, summary = told
            say(f"seed {seed:3} green: {len(faults)} faults, {summary}, {time.monotonic() - begun:.0f} s")
    return 0


def _is_green(shop: "FaultyShop", folder: Path, seed: int, seconds: float, tell: Callable[[str], None]) -> bool:
    from tests.faults import nemesis

    findings = nemesis.run(shop, seed=seed, seconds=seconds, say=tell)
    if findings:
        keep(shop, folder)
        say(f"seed {seed} is red; logs and journal are in {folder}", *findings[:20])
    return not findings


def keep(shop: "FaultyShop", folder: Path) -> None:
    """Leave the journal of the tills beside the logs."""
    (folder / "journal.json").write_text(json.dumps(shop.journal.sold))


def commit() -> str:
    """What is being tested."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def say(*lines: str) -> None:
    """Print at once, also into a file."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
