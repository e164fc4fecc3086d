"""`prat receipt`: checks the receipt of an erasure without asking anybody; changes the signing key."""

import json
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deploy.cli.output import AsJson, DataDir, faults_reported
from deploy.local.places import Places
from deploy.local.receipt_keys import own_keys, rotate_key
from libs.kit.errors import ConfigurationError
from services.retention.export_format import ConversationExport
from services.retention.proofs import verify_proof
from services.retention.receipts import (
    Altered,
    NotAReceipt,
    Receipt,
    ReceiptFault,
    Unfinished,
    UnknownKey,
    read_keys,
)

app = typer.Typer(no_args_is_help=True, help="Receipts of erasures: check one, change the key.")


class Outcome(IntEnum):
    """The exit code of a check."""

    GENUINE = 0
    ALTERED = 1
    UNREADABLE = 2
    UNKNOWN_KEY = 3
    NOT_A_RECEIPT = 4
    UNFINISHED = 5
    NO_KEYS = 6


OUTCOMES: dict[type[ReceiptFault], Outcome] = {
    Altered: Outcome.ALTERED, UnknownKey: Outcome.UNKNOWN_KEY,
    NotAReceipt: Outcome.NOT_A_RECEIPT, Unfinished: Outcome.UNFINISHED,
}  # fmt: skip
FIXES = {
    Outcome.ALTERED: "download the receipt again from where the chat was.",
    Outcome.UNKNOWN_KEY: "download the published keys again: GET /v1/receipt-keys of the gateway.",
    Outcome.NOT_A_RECEIPT: "give a receipt, or a conversation that was downloaded as JSON.",
    Outcome.UNFINISHED: "download the receipt when the erasure is done.",
    Outcome.NO_KEYS: "give the file that GET /v1/receipt-keys answers with as --keys.",
}

File = Annotated[
    Path,
    typer.Argument(
        help="The receipt, or the download.", exists=True, dir_okay=False, readable=True
    ),
]
Keys = Annotated[
    Path | None,
    typer.Option(
        help="The published keys; without it those of this house.",
        exists=True, dir_okay=False, readable=True, show_default=False,
    ),
]  # fmt: skip


@app.command("verify")
def verify_receipt(
    file: File, keys: Keys = None, as_json: AsJson = False, data_dir: DataDir = None
) -> None:
    """Check a receipt of an erasure, or a downloaded conversation (JSON), offline.

    Exit codes: 0 genuine, 1 altered, 2 wrong usage, 3 unknown key, 4 neither of them,
    5 the erasure is not finished, 6 the keys are no keys.
    """
    try:
        known = known_keys(keys, data_dir)
    except (ReceiptFault, ConfigurationError) as fault:
        refuse(Outcome.NO_KEYS, str(fault), as_json=as_json)
    try:
        proof = verify_proof(file.read_bytes(), known)
    except ReceiptFault as fault:
        refuse(OUTCOMES[type(fault)], str(fault), as_json=as_json)
    for line in [json.dumps(_body(proof))] if as_json else _lines(proof):
        typer.echo(line)


@app.command("rotate")
def rotate(data_dir: DataDir = None) -> None:
    """Make a new signing key; the old public key stays published. Restart retention then."""
    with faults_reported():
        old, new = rotate_key(Places.at(data_dir).secrets)
    typer.echo(
        f"Receipts are signed with {new} from retention's next start on; {old} still checks."
    )


def known_keys(file: Path | None, data_dir: Path | None) -> dict[str, bytes]:
    """The keys of a file, or those of this house."""
    text = file.read_bytes() if file else json.dumps(own_keys(Places.at(data_dir).secrets))
    return read_keys(text)


def refuse(outcome: Outcome, said: str, *, as_json: bool) -> NoReturn:
    """Says what is wrong and what helps, and leaves with the outcome's exit code."""
    name = outcome.name.lower()
    if as_json:
        typer.echo(json.dumps({"outcome": name, "problem": said, "fix": FIXES[outcome]}))
    else:
        typer.echo(f"{said}\nFix: {FIXES[outcome]}", err=True)
    raise typer.Exit(outcome)


def _body(proof: Receipt | ConversationExport) -> dict[str, Any]:
    """For programs; of a conversation not what it says, which is in the file."""
    if isinstance(proof, Receipt):
        return {"outcome": "genuine", "receipt": proof.model_dump(mode="json")}
    said = proof.model_dump(mode="json", include={"format", "exported_at", "merchant_id"})
    return {"outcome": "genuine", "export": said | {"messages": len(proof.messages)}}


def _lines(proof: Receipt | ConversationExport) -> list[str]:
    if isinstance(proof, Receipt):
        return _receipt_lines(proof)
    what = f"a conversation with {proof.controller.name}, {len(proof.messages)} messages"
    return [f"Genuine: {what}, downloaded at {proof.exported_at:%Y-%m-%d %H:%M:%S %Z}."]


def _receipt_lines(receipt: Receipt) -> list[str]:
    counts = [
        f"  {service}: {', '.join(f'{count} {what}' for what, count in sorted(found.items()))}"
        for service, found in receipt.deleted.items()
    ]
    until = receipt.sealed_copies_until
    copies = ", ".join(f"{name} {at:%Y-%m-%d %H:%M}" for name, at in until)
    genuine = (
        f"Genuine: erasure {receipt.erasure_id} at {receipt.merchant_id}, asked for by the "
        f"{receipt.requested_by} at {receipt.requested_at:%Y-%m-%d %H:%M:%S %Z}, completed at "
        f"{receipt.completed_at:%Y-%m-%d %H:%M:%S %Z}."
    )
    return [
        genuine,
        "Deleted:",
        *counts,
        f"Copies that nobody can open may exist until: {copies} (UTC).",
    ]
