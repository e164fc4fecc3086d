"""Where the encoder's files are, and where nlu keeps what it worked out with them."""

import os
from pathlib import Path

from deploy.local.once import is_complete

FOLDER = "PRAT_NLU_ENCODER_FOLDER"
CACHE = "PRAT_NLU_CACHE_FOLDER"

NAME = "multilingual-e5-small"
VERSION = f"{NAME} 8-bit, layers 11 and 12, build 3"
"""What a finished folder is stamped with: another recipe builds it anew."""


def encoder_folder(cache: Path) -> Path:
    """Beside Kafka's jars, or where the environment says."""
    return Path(os.environ.get(FOLDER, cache / "encoder")).resolve()


def have_encoder(folder: Path) -> bool:
    """Whether the folder is there, completely and made by today's recipe."""
    return is_complete(folder, VERSION)


def learned_folder(cache: Path) -> Path:
    """Where vectors of examples are kept: content of merchants, nothing of visitors."""
    return Path(os.environ.get(CACHE, cache / "learned")).resolve()


def encoder_env(cache: Path) -> dict[str, str]:
    """What nlu is told of both."""
    return {FOLDER: str(encoder_folder(cache)), CACHE: str(learned_folder(cache))}
