"""Where the encoder's files are, and where nlu keeps what it worked out with them."""

import os
from pathlib import Path

FOLDER = "PRAT_NLU_ENCODER_FOLDER"
CACHE = "PRAT_NLU_CACHE_FOLDER"


def encoder_folder(cache: Path) -> Path:
    """Beside Kafka's jars, or where the environment says."""
    return Path(os.environ.get(FOLDER, cache / "encoder")).resolve()


def learned_folder(cache: Path) -> Path:
    """Where vectors of examples are kept: content of merchants, nothing of visitors."""
    return Path(os.environ.get(CACHE, cache / "learned")).resolve()


def encoder_env(cache: Path) -> dict[str, str]:
    """What nlu is told of both."""
    return {FOLDER: str(encoder_folder(cache)), CACHE: str(learned_folder(cache))}
