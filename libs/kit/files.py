"""Visitors' files on their way out: to be saved under a name of ours, never to be run."""

from starlette.responses import Response

from libs.contracts.attachment import Attachment

HARMLESS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-site",
    "x-content-type-options": "nosniff",
}
"""What makes a stranger's file a file and nothing else, wherever a browser opens it."""


def file_name(file: Attachment) -> str:
    """What the file is called when it is saved: never what its giver called it."""
    return f"{file.attachment_id}.{file.media_type.rpartition('/')[2]}"


def to_be_saved(file: Attachment, content: bytes) -> Response:
    """The answer that hands a file out."""
    headers = HARMLESS | {"content-disposition": f"attachment; filename={file_name(file)}"}
    return Response(content, media_type=file.media_type, headers=headers)
