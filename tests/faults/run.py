"""`make faults SEED=1 MINUTES=5`: seeded runs of faults against a whole shop, one seed after the other."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from tests import shared_servers
from tests.system import ROOT

SECONDS_PER_SEED = 30.0


def main() -> int:
    """Run seeds until the time is over; the first one that goes wrong ends it and keeps its folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--each", type=float, default=SECONDS_PER_SEED, help="seconds of faults per seed")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    shared_servers.open_run()
    os.environ |= {"AISLE_ENV": "test", "REDIS_URL": shared_servers.redis_url()}
    try:
        return _run(arguments.seed, arguments.minutes * 60, arguments.each)
    finally:
        shared_servers.close_run()


def _run(seed: int, seconds: float, each: float) -> int:
    # Imported late: the settings above must stand first.
    from tests.faults import nemesis
    from tests.faults.harness import faulty_shop

    folder = Path(mkdtemp(prefix="aisle-faults-"))
    end = time.monotonic() + seconds
    with faulty_shop(folder) as shop:
        while (left := end - time.monotonic()) > 0:
            _say(f"seed {seed}, commit {_commit()}")
            findings = nemesis.run(shop, seed=seed, seconds=min(left, each), say=_say)
            if findings:
                (folder / "journal.json").write_text(json.dumps(shop.journal.sold))
                _say(f"seed {seed} is red; logs and journal are in {folder}", *findings[:20])
                return 1
            _say(f"seed {seed} is green")
            seed += 1
    return 0


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
