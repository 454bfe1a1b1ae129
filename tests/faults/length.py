"""Which fault tests take too long for every push."""

import os
from typing import Final

import pytest

ASKED_FOR: Final = "AISLE_LONG_FAULTS"
long = pytest.mark.skipif(not os.environ.get(ASKED_FOR), reason="waits for time-outs: `make faults` runs it")
