"""Which tests share a worker process."""

from xdist.scheduler import LoadScopeScheduling

LONELY_FOLDERS = ("concurrency", "faults", "e2e")
"""These start processes, kill servers or measure waiting: one after the other, never side by side."""


class LonelyScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """One worker runs the lonely folders from the start; the other tests go to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.removeprefix("tests/").split("/")[0]
        return "lonely" if folder in LONELY_FOLDERS else nodeid
