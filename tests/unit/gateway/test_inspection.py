"""Files of visitors: told by their content, drawn anew, refused with a code that quotes nothing."""

import io
import struct
import warnings
import zlib
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from libs.contracts.attachment import MOST_BYTES
from libs.kit.errors import Refused
from services.gateway import inspection
from services.gateway.inspection import LONGEST_SIDE, inspect

PLANTED = "PLANTED 59.9139 N 10.7522 E"
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FORMS = ("JPEG", "PNG", "WEBP")


def drawn(form: str, size: tuple[int, int] = (30, 20), mode: str = "RGB", **more: Any) -> bytes:
    """A picture, red on its left and blue on its right."""
    picture = Image.new(mode, size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    made = io.BytesIO()
    picture.save(made, form, **more)
    return made.getvalue()


def planted(form: str) -> bytes:
    """A picture with a place, a maker, a comment and a profile in it, that is to be turned."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, PLANTED
    exif.get_ifd(GPS)[29] = PLANTED
    more: dict[str, Any] = {"exif": exif, "icc_profile": PLANTED.encode(), "xmp": PLANTED.encode()}
    if form == "JPEG":
        more["comment"] = PLANTED
    if form == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", PLANTED)
    return drawn(form, **more)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def code(content: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        inspect(content)
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("form", FORMS)
def test_an_image_is_kept_upright_and_without_what_a_camera_adds(form: str) -> None:
    before = planted(form)
    assert PLANTED.encode() in before
    kept = inspect(before + b"<script>" + PLANTED.encode())
    assert kept.media_type == f"image/{form.lower()}"
    assert PLANTED.encode() not in kept.content
    after = opened(kept.content)
    assert after.size == (20, 30), "turned, as the camera said"
    assert not after.getexif()
    assert not set(after.info) & {"icc_profile", "xmp", "comment", "exif", "Comment"}
    top, bottom = (after.convert("RGB").getpixel((10, y)) for y in (3, 26))
    assert top[0] > 200 > bottom[0]  # type: ignore[index]


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_is_clear_stays_clear(form: str) -> None:
    made = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    file = io.BytesIO()
    made.save(file, form, lossless=True)
    assert opened(inspect(file.getvalue()).content).convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_every_kind_of_jpeg_is_kept(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (9, 9)).save(file, "JPEG")
    assert opened(inspect(file.getvalue()).content).mode == "RGB"


def test_a_huge_photo_is_made_smaller() -> None:
    kept = inspect(drawn("JPEG", (LONGEST_SIDE * 2, 40)))
    assert opened(kept.content).size == (LONGEST_SIDE, 20)


def test_a_picture_that_grows_when_it_is_drawn_anew_is_made_smaller_until_it_fits() -> None:
    few_colours = Image.frombytes("P", (1500, 1500), Random(7).randbytes(1500 * 1500))
    few_colours.putpalette(Random(8).randbytes(768))
    file = io.BytesIO()
    few_colours.save(file, "PNG")
    assert len(file.getvalue()) < MOST_BYTES
    kept = inspect(file.getvalue())
    assert len(kept.content) <= MOST_BYTES
    assert opened(kept.content).size == (1024, 1024)


def test_a_pdf_is_kept_as_it_is() -> None:
    kept = inspect(PDF)
    assert (kept.media_type, kept.content) == ("application/pdf", PDF)


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"GIF89a", b"BM",
     b"PK\x03\x04", b" %PDF-1.7", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"\x00", b"%!PS-Adobe-3.0 EPSF"],
)  # fmt: skip
def test_any_other_content_is_refused_whatever_it_is_called(content: bytes) -> None:
    assert code(content) == (415, "attachment_type")


def test_nothing_and_too_much_are_refused() -> None:
    assert code(b"") == (422, "attachment_empty")
    assert code(PDF + b" " * MOST_BYTES) == (413, "attachment_too_large")
    assert inspect(PDF + b" " * (MOST_BYTES - len(PDF)))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is very large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


@pytest.mark.parametrize(
    ("side", "refused"),
    [(5001, (413, "attachment_too_large")), (12_000, (413, "attachment_too_large")),
     (60_000, (422, "attachment_unreadable"))],
)  # fmt: skip
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(
    side: int, refused: tuple[int, str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert code(bomb(side, side)) == refused


@pytest.mark.parametrize("form", FORMS)
def test_half_an_image_is_refused(form: str) -> None:
    whole = drawn(form, (300, 200))
    assert code(whole[: len(whole) // 2]) == (422, "attachment_unreadable")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(inspection.SIGNATURES), st.binary(max_size=300))
def test_any_bytes_after_a_right_beginning_are_kept_or_refused(
    signature: tuple[str, int, bytes], rest: bytes
) -> None:
    _, at, beginning = signature
    content = b"RIFF\x00\x01\x00\x00"[:at] + beginning + rest
    with suppress(Refused):
        assert len(inspect(content).content) > 0
