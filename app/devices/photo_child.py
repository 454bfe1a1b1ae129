"""The child process that decodes photos: whatever a foreign picture does to a decoder, it does it here.

On standard input: four bytes of length, big-endian, and the photo. On standard output: the same with JSON. It ends
when its input does.
"""

import json
import resource
import struct
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO, Final

LENGTH: Final = struct.Struct(">I")
READY: Final = b"ready"
MEMORY: Final = 2 * 1024**3


def main() -> None:
    """Answer photo after photo."""
    with suppress(ValueError, OSError):  # not every system knows this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import app.devices.barcode_reader  # noqa: F401 - takes its time: before the first photo comes

    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    send(answers, READY)
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        send(answers, json.dumps(_decode(requests.read(LENGTH.unpack(head)[0]))).encode())


def send(stream: BinaryIO, content: bytes) -> None:
    """Write one message."""
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def _decode(content: bytes) -> dict[str, Any]:
    # Only here: whoever imports this module to talk to the child needs no decoder.
    from app.devices.barcode_reader import read_still
    from app.devices.photo_hints import hints
    from app.devices.photos import PhotoRefused, grey_photo

    try:
        grey = grey_photo(content)
        reads = read_still(grey)
    except PhotoRefused as refusal:
        return {"refused": refusal.reason}
    except MemoryError:
        return {"refused": "too_large"}
    return {"reads": [asdict(read) for read in reads], "hints": [] if reads else hints(grey)}


if __name__ == "__main__":
    main()
