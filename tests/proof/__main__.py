"""`make prove-erasure`: exit code 0 when nothing is left to read, 1 with every place where something is.

`--json` for programs, `--page` writes docs/figures/erasure-proof.md, `--no-expiry` leaves the journey in
time out, `--leak` writes one planted text into a log, to see that the proof fails.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.demo.runner import DemoHouse, Options
from deploy.local.errors import LocalFault
from deploy.local.places import Places
from tests.bench.pages import FIGURES
from tests.proof.page import page, table
from tests.proof.run import prove, why_no_expiry


def main() -> int:
    """Runs the proof in a house of its own and says what it found."""
    wanted = _arguments()
    # Every visitor comes from one address here.
    os.environ["PRAT_GATEWAY_CONVERSATIONS_PER_HOUR"] = "10000"
    began = time.monotonic()
    reason = why_no_expiry(wanted=not wanted.no_expiry)
    with TemporaryDirectory(prefix="prat-proof-") as folder:
        options = Options(restart_dead=False, fixed_ports=False)
        house = DemoHouse(Places.at(Path(folder)), options, environ={})
        try:
            proof = asyncio.run(prove(house, leak=wanted.leak, no_expiry=reason))
        except LocalFault as fault:
            sys.stderr.write(f"prat: {fault.cause}\n  Fix: {fault.fix}\n")
            return 2
    seconds = time.monotonic() - began
    print(json.dumps(proof.as_json()) if wanted.json else table(proof, seconds))
    if wanted.page:
        (FIGURES / "erasure-proof.md").write_text(page(proof, seconds))
    return 1 if proof.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    for name in ("json", "page", "no-expiry", "leak"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
