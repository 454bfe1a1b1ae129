"""The nginx of this machine, installed or unpacked by `make dev`."""

import re
import subprocess
from pathlib import Path

import pytest

from scripts import unpacked_programs

needs_nginx = pytest.mark.skipif(
    unpacked_programs.find("nginx") is None,
    reason="nginx is neither installed nor unpacked (`make dev` unpacks it where there is apt-get)",
)


def program() -> Path:
    """Its path."""
    found = unpacked_programs.find("nginx")
    assert found, "nginx is missing: the test lacks needs_nginx"
    return found


def library_settings() -> dict[str, str]:
    """What its environment needs beside the usual."""
    return unpacked_programs.library_settings(program())


def own_folder() -> Path:
    """Where its mime.types is: /etc/nginx in the image."""
    done = subprocess.run([program(), "-V"], env=library_settings(), capture_output=True, text=True, check=True)
    said = re.search(r"--conf-path=/(\S+)", done.stderr)
    assert said, done.stderr
    return (unpacked_programs.root_of(program()) / said[1]).parent
