"""A child process that never answers; see tests/unit/test_photo_desk.py."""

import time

time.sleep(60)
