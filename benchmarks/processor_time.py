"""Processor seconds of a process and all its children, from /proc; 0.0 where there is no /proc."""

import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def of_tree(pid: int) -> float:
    """User and system seconds so far of `pid` and everything below it."""
    if not PROC.is_dir():
        return 0.0
    parents = {int(entry.name): _parent(entry) for entry in PROC.iterdir() if entry.name.isdigit()}
    tree, found = {pid}, True
    while found:
        children = {child for child, parent in parents.items() if parent in tree and child not in tree}
        tree |= children
        found = bool(children)
    return sum(_seconds(one) for one in tree)


def _fields(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # gone meanwhile
        return []


def _parent(entry: Path) -> int:
    fields = _fields(int(entry.name))
    return int(fields[1]) if fields else 0


def _seconds(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0
