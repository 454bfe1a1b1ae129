"""Commands in a second terminal, beside a shop on ports of its own."""

import os
import re
import subprocess
import sys

from tests.live_shop import OUTSIDE_SETTINGS, LiveShop
from tests.system import ROOT


def test_a_command_finds_the_running_shop_without_being_told_its_ports(shop: LiveShop) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in OUTSIDE_SETTINGS}

    done = subprocess.run(
        [sys.executable, "-m", "scripts.flask_command", "ops", "status"], cwd=ROOT,
        env=plain | {"AISLE_VAR": str(shop.var)}, capture_output=True, text=True,
    )  # fmt: skip

    assert re.search(r"^Redis +answers$", done.stdout, re.M), done.stdout + done.stderr
