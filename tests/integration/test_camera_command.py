"""`flask camera watch`: what it refuses before it opens a camera, and how it ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.cli import camera_watch
from app.devices import camera
from app.devices.barcode_read import Image
from app.devices.camera import CameraLost
from tests.barcode_video import frames, write_avi
from tests.databases import Database, new_app
from tests.factories import make_shop

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SMALL = (640, 360)
MILK = "4006381333931"


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    return app.test_cli_runner().invoke


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--till", "T 1"], "a till has 1 to 16 of A-Z"),
        (["--till", "1", "--device", "nowhere.avi"], "neither the number of a camera nor a video file"),
        (["--till", "1", "--store", "S404"], "there is no such store"),
    ],
)
def test_wrong_options_are_named(run: Callable[..., Any], options: list[str], complaint: str) -> None:
    result = run(args=["camera", "watch", *options])

    assert result.exit_code == 2
    assert complaint in result.output


def test_without_redis_a_read_waits_and_is_said_so(database: Database, session: Session, tmp_path: Path) -> None:
    shop = make_shop(session)
    session.commit()
    away = new_app(database.url, redis_url="redis://127.0.0.1:1/0")
    video = write_avi(tmp_path / "belt.avi", frames(MILK, 10, size=SMALL), SMALL)

    options = ["--till", "1", "--device", str(video), "--store", shop.store.code]
    result = away.test_cli_runner().invoke(args=["camera", "watch", *options])

    assert result.exit_code == 0
    assert result.output.splitlines()[-3:] == [
        f"camera {video}: watching for till T1",
        f"camera {video}: {MILK} waits: Redis does not answer",
        f"camera {video}: the video has ended",
    ]


def test_ctrl_c_ends_the_wait_for_a_camera_that_is_away(
    run: Callable[..., Any], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(session)
    session.commit()
    monkeypatch.setattr(camera, "VideoCamera", AwayCamera)
    monkeypatch.setattr(camera_watch, "REOPEN_S", 0)

    result = run(args=["camera", "watch", "--till", "1", "--store", shop.store.code])

    assert (result.exit_code, result.output.splitlines()) == (
        0,
        ["camera 0: cannot be opened. Trying again.", "camera 0: stopped"],
    )


class AwayCamera:
    """Is not there, and the third time somebody has had enough."""

    def __init__(self, _device: int | Path) -> None:
        self._tries = 0

    def frames(self) -> Iterator[Image]:
        """See `Camera`."""
        self._tries += 1
        if self._tries == 3:
            raise KeyboardInterrupt
        raise CameraLost("cannot be opened.")
