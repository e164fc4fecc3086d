"""Checks whatever this house has signed, offline: receipts of erasures, and downloads. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.retention import export_format
from services.retention.export_format import ConversationExport, Signed, digest_of
from services.retention.receipts import (
    Altered,
    NotAReceipt,
    Receipt,
    Signer,
    check_signature,
    parsed,
    places,
    verify,
)


def export_signature(signer: Signer, statement: Mapping[str, Any]) -> dict[str, Any]:
    """The signature of an export as it stands in the file: with what it states."""
    said = {"digest": statement["digest"], "messages": statement["messages"]}
    return {**said, **signer.signed(statement)["signature"]}


def verify_proof(text: str | bytes, keys: Mapping[str, bytes]) -> Receipt | ConversationExport:
    """The receipt or the download, if one of `keys` signed exactly this; raises a ReceiptFault."""
    body = parsed(text)
    if body.get("format") == export_format.FORMAT:
        return _export(body, keys)
    return verify(text, keys)


def _export(body: Mapping[str, Any], keys: Mapping[str, bytes]) -> ConversationExport:
    """What was signed is worked out anew from what the file says."""
    try:
        export = ConversationExport.model_validate(body)
        statement = digest_of(body)
    except (ValidationError, UnicodeEncodeError, RecursionError) as error:
        where = places(error) if isinstance(error, ValidationError) else "text"
        raise NotAReceipt(
            f"These fields are not as {export_format.FORMAT} has them: {where}."
        ) from None
    signature = export.signature
    who = signature.model_dump(exclude={"digest", "messages"})
    check_signature({**statement, "signature": who}, keys)
    _check_said(signature, statement)
    return export


def _check_said(signature: Signed, statement: Mapping[str, Any]) -> None:
    if (signature.digest, signature.messages) != (statement["digest"], statement["messages"]):
        raise Altered("The file is not what was signed: its signature states something else.")
