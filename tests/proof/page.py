"""The proof as a table for people."""

from tests.bench.pages import machine
from tests.bench.pages import table as rows
from tests.proof.proof import Ending, Proof

LOOKS = (
    "when", "sealed fields on the bus", "opened by a key", "wrapped keys",
    "records in the store, but for marks", "messages that retention shows",
)  # fmt: skip
HEAD = ("what was read", "files", "MB", "files with the conversation's id", "canaries in clear")


def table(proof: Proof, seconds: float) -> str:
    """What was found, and at the end whether that proves it."""
    parts = [_ending(one) for one in proof.endings]
    if proof.skipped:
        parts.append(f"The journey in time was left out: {proof.skipped}.\n")
    return "\n".join([*parts, *(f"{said}\n" for said in proof.said), *_verdict(proof, seconds)])


def page(proof: Proof, seconds: float) -> str:
    """The page of figures."""
    title = "# Erasure and expiry, proven by bytes\n\nMade by `make prove-erasure`."
    return f"{title} {machine()}. {proof.stack}.\n\n{table(proof, seconds)}\n"


def _ending(one: Ending) -> str:
    looks = [
        (look.when, look.sealed, look.opened, look.keys, sum(look.records.values()),
         "" if look.shown is None else look.shown)
        for look in one.looks
    ]  # fmt: skip
    found = [
        (row.kind, row.files, f"{row.bytes / 1e6:.1f}", row.with_id, len(row.leaks))
        for row in one.scanned
    ]
    planted = (
        f"{one.canaries} texts were planted, one for each place where one can write; "
        f"{one.control_in_export} of them were in the visitor's own download (a control)."
    )
    return f"## {one.how}\n\n{planted}\n\n{rows(LOOKS, looks)}\n{rows(HEAD, found)}"


def _verdict(proof: Proof, seconds: float) -> list[str]:
    if proof.faults:
        return ["NOT PROVEN:", *(f"- {fault}" for fault in proof.faults)]
    return [f"Proven in {seconds:.0f} s: nothing is left to read."]
