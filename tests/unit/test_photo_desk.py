"""The desk that hands photos to a child process: a short queue, and patience that ends."""

import pytest

from app.devices.photo_desk import DecoderFailed, DeskBusy, PhotoDesk


def test_a_decoder_that_hangs_over_a_photo_is_ended() -> None:
    desk = PhotoDesk(start_s=0.3, module="tests.silent_child")

    with pytest.raises(DecoderFailed):
        desk.read(b"photo")

    assert desk._child is None


def test_the_queue_before_the_decoder_is_short() -> None:
    desk = PhotoDesk(most_waiting=1)
    desk._places.acquire()

    with pytest.raises(DeskBusy):
        desk.read(b"photo")
