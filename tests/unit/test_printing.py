"""Receipts as bytes: what stands on paper, what can never be a command, and how sure a printer makes us."""

import io
import re
import time
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.devices import receipt_printer
from app.devices.barcode_reader import read_still
from app.devices.printer_fake import PrinterServer
from app.devices.printer_logo import LogoRefused, prepared
from app.devices.printer_paper import Paper, PaperLine, printed
from app.devices.printer_text import encoded, printable, width, wrapped
from app.devices.receipt_printer import EscPosPrinter, PrinterAway, PrinterDoubt, usb_path
from app.domain.printing import (
    FileAddress,
    NetworkAddress,
    UsbAddress,
    is_scale_address,
    pause_s,
    printer_address,
)
from tests.servers import wait_until

RASTER: Final = b"\x1dv0\x00"


def paper(**changes: object) -> Paper:
    parts: dict[str, object] = {
        "columns": 32, "head": ["Aisle 超市"], "facts": [PaperLine("Receipt", "14:03")],
        "lines": [PaperLine("Milk", "2.00")], "total": PaperLine("Total", "2.00 EUR"),
        "payments": [PaperLine("Cash", "5.00"), PaperLine("Change", "3.00")], "number": "Z1-00000012",
    }  # fmt: skip
    return Paper(**(parts | changes))  # type: ignore[arg-type]


def pictures(content: bytes) -> list[Image.Image]:
    """What is printed in dots."""
    found = []
    for match in re.finditer(re.escape(RASTER), content):
        start = match.end() + 4
        across, high = (int.from_bytes(content[at : at + 2], "little") for at in (match.end(), match.end() + 2))
        bits = bytes(255 - byte for byte in content[start : start + across * high])
        found.append(Image.frombytes("1", (across * 8, high), bits))
    return found


def test_chinese_goes_out_in_pairs_between_its_switches() -> None:
    assert encoded("收据 1") == b"\x1c&" + "收据".encode("gbk") + b"\x1c." + b" 1"


def test_letters_of_the_region_go_out_on_their_code_page() -> None:
    assert encoded("Čokolada š đ ß") == "Čokolada š đ ß".encode("cp852")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("5 €", "5 EUR"), ("Åland", "Aland"), ("naïve…", "naive..."), ("☕ cup", "? cup"), ("A\u200bB\u202eC", "ABC")],
)
def test_what_paper_cannot_show_is_written_plainly(typed: str, shown: str) -> None:
    assert printable(typed) == shown


@given(st.text())
def test_no_text_is_ever_a_command(text: str) -> None:
    bare = encoded(text).replace(b"\x1c&", b"").replace(b"\x1c.", b"")

    assert all(byte >= 0x20 and byte != 0x7F for byte in bare)


@given(st.text(), st.integers(16, 48))
def test_no_line_is_longer_than_the_paper(text: str, columns: int) -> None:
    assert all(0 < width(line) <= columns for line in wrapped(text, columns))


def test_markup_formulas_and_escapes_of_a_name_are_only_text() -> None:
    name = "=cmd|' /C calc'!A0 <img src=x onerror=1>\x1bp\x00\x19\xfa\x1dV\x00\x10\x14"

    content = printed(paper(lines=[PaperLine(name, "1.00")]))

    assert b"=cmd|' /C calc'!A0 <img src=x" in content
    assert (content.count(b"\x1bp"), content.count(b"\x1dV"), b"\x10\x14" in content) == (0, 1, False)


def test_a_receipt_begins_with_a_reset_and_ends_with_a_cut_and_a_question() -> None:
    content = printed(paper())

    assert content.startswith(b"\x1b@\x1c.\x1bt\x12")
    assert content.endswith(b"\x1dV\x00\x1dr\x01")


def test_a_long_name_goes_over_lines_and_the_amount_stands_at_the_end_of_the_last() -> None:
    content = printed(paper(lines=[PaperLine("A very long name of a product indeed", "12.50")]))

    assert b"A very long name of a product\nindeed                     12.50\n" in content


def test_a_copy_says_so_before_and_after_its_lines() -> None:
    assert printed(paper(banner="COPY 2")).count(b"COPY 2") == 2


def test_our_own_reader_finds_the_number_in_the_printed_code() -> None:
    [square] = pictures(printed(paper()))

    [read] = read_still(np.asarray(square.convert("L")), clock=time.thread_time)

    assert read.text == "Z1-00000012"


def test_a_logo_is_as_wide_as_the_paper_at_most_and_white_where_it_is_clear() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (2000, 100), (0, 0, 0, 0)).save(file, "PNG")

    [logo, _code] = pictures(printed(paper(logo=prepared(file.getvalue(), 32))))

    assert logo.width == 384
    assert logo.getextrema() == (255, 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"GIF89a", "format"), (b"x" * 900_001, "too_large"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "format")],
)
def test_what_is_no_logo_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(LogoRefused) as refused:
        prepared(content, 48)

    assert refused.value.reason == reason


def test_a_picture_too_large_for_a_logo_is_not_decoded() -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")

    with pytest.raises(LogoRefused) as refused:
        prepared(file.getvalue(), 48)

    assert refused.value.reason == "too_large"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.9", NetworkAddress("10.0.0.9", 9100)),
        ("tcp://printer-1.shop:9101", NetworkAddress("printer-1.shop", 9101)),
        ("usb:04B8:0202", UsbAddress("04b8", "0202")),
        ("file:/dev/usb/lp0", FileAddress("/dev/usb/lp0")),
        ("10.0.0.9:6379", None),
        ("file:/dev/receipt-printer2", FileAddress("/dev/receipt-printer2")),
        ("file:/dev/ttyUSB0", FileAddress("/dev/ttyUSB0")),
        ("file:/dev/sda", None),
        ("file:/dev/mem", None),
        ("192.168..5", None),
        (f"{'a' * 64}.shop:9100", None),
        ("file:/etc/passwd", None),
        ("file:/dev/../etc/passwd", None),
        ("10.0.0.9:9100\n", None),
        ("http://10.0.0.9", None),
        ("", None),
    ],
)
def test_only_an_address_of_a_printer_is_one(text: str, address: object) -> None:
    assert printer_address(text) == address


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("/dev/ttyUSB0", True), ("COM3", True), ("socket://10.0.0.7:4001", True), ("spy:///dev/ttyS0?file=/x", False),
        ("socket://10.0.0.7:80", False), ("socket://10..7:4001", False), ("/dev/sda", False),
        ("/dev/tty/../sda", False),
    ],
)  # fmt: skip
def test_only_an_address_of_a_scale_is_one(text: str, is_one: bool) -> None:
    assert is_scale_address(text) is is_one


def test_the_pauses_grow_up_to_a_minute() -> None:
    assert [pause_s(failures) for failures in (1, 2, 3, 4, 5, 6, 60)] == [2, 4, 8, 16, 32, 60, 60]


def test_a_usb_printer_is_found_by_maker_and_model(tmp_path: Path) -> None:
    for number, product in ((0, "0001"), (1, "0202")):
        device = tmp_path / f"usb{number}"
        (device / "if").mkdir(parents=True)
        (device / "idVendor").write_text("04b8\n")
        (device / "idProduct").write_text(f"{product}\n")
        (tmp_path / "class" / f"lp{number}").mkdir(parents=True)
        (tmp_path / "class" / f"lp{number}" / "device").symlink_to(device / "if")

    assert usb_path(UsbAddress("04b8", "0202"), tmp_path / "class") == "/dev/usb/lp1"


@pytest.mark.usefixtures("patient_devices")
def test_a_printer_that_answers_has_printed_and_a_mute_one_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    content = printed(paper())
    with PrinterServer() as server:
        printer = EscPosPrinter(NetworkAddress("127.0.0.1", server.port))
        printer.send(content)
        server.talks = False
        monkeypatch.setattr(receipt_printer, "ANSWER_S", 0.3)
        printer.send(content)
        wait_until(lambda: len(server.papers) > 1, step=0.01)

    assert server.papers == [content, content]


@pytest.mark.usefixtures("patient_devices")
def test_a_printer_without_paper_has_certainly_printed_nothing() -> None:
    with PrinterServer() as server:
        server.has_paper = False

        with pytest.raises(PrinterAway) as away:
            EscPosPrinter(NetworkAddress("127.0.0.1", server.port)).send(printed(paper()))

    assert (away.value.reason, server.papers) == ("paper", [])


@pytest.mark.usefixtures("patient_devices")
def test_a_plug_pulled_while_it_prints_leaves_a_doubt() -> None:
    with PrinterServer() as server:
        server.breaks_after = 100

        with pytest.raises(PrinterDoubt):
            EscPosPrinter(NetworkAddress("127.0.0.1", server.port)).send(printed(paper()))


@pytest.mark.usefixtures("patient_devices")
def test_a_drawer_is_opened_by_its_printer() -> None:
    with PrinterServer() as server:
        EscPosPrinter(NetworkAddress("127.0.0.1", server.port)).open_drawer()
        wait_until(lambda: server.kicks > 0, step=0.01)

    assert (server.kicks, server.papers) == (1, [])


def test_a_printer_that_is_off_is_away_and_so_is_its_drawer() -> None:
    with PrinterServer() as server:
        printer = EscPosPrinter(NetworkAddress("127.0.0.1", server.port))

    with pytest.raises(PrinterAway):
        printer.send(b"x")
    with pytest.raises(PrinterAway):
        printer.open_drawer()
