"""What a file that a visitor gives is: told by its content, and an image without what a camera adds."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.contracts.attachment import MOST_BYTES, MediaType
from libs.kit.errors import Refused

if TYPE_CHECKING:
    from PIL import Image

SIGNATURES: tuple[tuple[MediaType, int, bytes], ...] = (
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/webp", 8, b"WEBPVP8"),
    ("application/pdf", 0, b"%PDF-"),
)
"""Each type's own bytes, and where they stand."""

PLAIN = 25_000_000
MOST_PIXELS: dict[MediaType, int] = {
    # JPEG is made smaller while it is read; the others must be unpacked whole.
    "image/jpeg": 80_000_000, "image/png": PLAIN, "image/webp": PLAIN,
}  # fmt: skip
LONGEST_SIDE = 4096
SIDES = (LONGEST_SIDE, 2048, 1024)
"""Drawn anew a picture may be longer than it was: then it is made smaller; the last always fits."""


@dataclass(frozen=True)
class Inspected:
    """A file as it may be kept."""

    media_type: MediaType
    content: bytes


def inspect(content: bytes) -> Inspected:
    """The file's type, and the file as it may be kept; raises Refused, which never quotes it.

    Takes up to a second of work: called in a thread, one file at a time.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    media_type = _type_of(content)
    if media_type == "application/pdf":
        return Inspected(media_type, content)
    return Inspected(media_type, _without_metadata(content, media_type))


def too_large() -> Refused:
    """Said of a file as soon as it is seen to be too long."""
    return Refused(
        413, "attachment_too_large", "The file is larger than 5 MB.", "send a smaller one."
    )


def _type_of(content: bytes) -> MediaType:
    for media_type, at, signature in SIGNATURES:
        if content[at : at + len(signature)] == signature:
            return media_type
    if not content:
        raise Refused(422, "attachment_empty", "The file is empty.", "choose another file.")
    raise Refused(
        415, "attachment_type", "The file is no JPEG, PNG or WebP image and no PDF.",
        "send one of these; what counts is the content, not the name.",
    )  # fmt: skip


def _without_metadata(content: bytes, media_type: MediaType) -> bytes:
    """The picture drawn anew: position, camera, comments and hidden parts are left behind."""
    # Heavy, and used by few conversations.
    from PIL import Image

    form = media_type.removeprefix("image/").upper()
    broken = (
        OSError, SyntaxError, ValueError, EOFError, IndexError, Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    )  # fmt: skip
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as image:
            if image.width * image.height <= MOST_PIXELS[media_type]:
                return _drawn_anew(image, form)
    except broken:
        raise _unreadable() from None
    raise Refused(
        413, "attachment_too_large", "The image has too many pixels.", "send a smaller one."
    )


def _drawn_anew(image: "Image.Image", form: str) -> bytes:
    from PIL import ImageOps

    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # Which way is up stands in the metadata.
    upright = ImageOps.exif_transpose(image)
    is_clear = form != "JPEG" and upright.has_transparency_data
    picture = upright.convert("RGBA" if is_clear else "RGB")
    picture.info.clear()
    drawings = (_saved(picture, form, side) for side in SIDES)
    return next(drawing for drawing in drawings if len(drawing) <= MOST_BYTES)


def _saved(picture: "Image.Image", form: str, side: int) -> bytes:
    picture.thumbnail((side, side))
    made = io.BytesIO()
    picture.save(made, form, quality=90)
    return made.getvalue()


def _unreadable() -> Refused:
    return Refused(
        422, "attachment_unreadable", "The image cannot be read: it is damaged.",
        "open it, save it anew and send that.",
    )  # fmt: skip
