"""Where the local house keeps its files."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The project folder, or the folder of the installed packages."""

DEFAULT_FOLDER = Path(".prat")


@dataclass(frozen=True)
class Places:
    """The folders of one house: `root` is its own, `cache` (jars, store) may be shared."""

    root: Path
    cache: Path

    @classmethod
    def at(cls, root: Path | None = None) -> "Places":
        """The house in `root` (default `./.prat`); PRAT_CACHE_DIR moves the cache elsewhere."""
        home = (root or DEFAULT_FOLDER).resolve()
        default_cache = home if root is None else (ROOT / DEFAULT_FOLDER)
        return cls(home, Path(os.environ.get("PRAT_CACHE_DIR", default_cache)).resolve())

    @property
    def data(self) -> Path:
        """What broker and store keep."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """Key files, readable by the owner only."""
        return self.root / "secrets"

    def create(self) -> None:
        """Make the folders, closed to other accounts of the machine."""
        for folder in (self.root, self.data, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self.cache.mkdir(parents=True, exist_ok=True)
