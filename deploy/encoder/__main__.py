"""`python -m deploy.encoder FOLDER`: the encoder and the examples it read, for an image."""

import asyncio
import sys
from pathlib import Path

from deploy.cli.output import faults_reported
from deploy.encoder.build import build_encoder, why_no_encoder
from deploy.encoder.reading import read_examples


def main(folder: Path) -> None:
    """Fill `folder/encoder` and `folder/learned`; nothing where the weights are not to be had."""
    if reason := why_no_encoder():
        print(f"No encoder in this image: {reason}.")
        return
    asyncio.run(build_encoder(folder / "encoder"))
    count = read_examples(folder / "encoder", folder / "learned")
    print(f"The encoder is built; {count} examples are read.")


if __name__ == "__main__":
    with faults_reported():
        main(Path(sys.argv[1]))
