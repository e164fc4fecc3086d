"""Work done once: not repeated, not left half done, not done twice at a time."""

import asyncio
from pathlib import Path

import pytest

from deploy.local.once import build_once, is_complete


class Builder:
    """Counts how often it built; fails when told to."""

    def __init__(self, folder: Path, *, fails: bool = False) -> None:
        self.built = 0
        self._folder = folder
        self._fails = fails

    async def __call__(self) -> None:
        """Make the folder with one file in it."""
        self._folder.mkdir()
        (self._folder / f"part-{self.built}").touch()
        self.built += 1
        await asyncio.sleep(0)
        if self._fails:
            raise OSError("network away")


async def test_built_once_for_a_stamp(tmp_path: Path) -> None:
    builder = Builder(tmp_path / "jars")
    assert await build_once(tmp_path / "jars", "4.4.0", builder)
    assert not await build_once(tmp_path / "jars", "4.4.0", builder)
    assert builder.built == 1


async def test_another_stamp_builds_anew(tmp_path: Path) -> None:
    builder = Builder(tmp_path / "jars")
    await build_once(tmp_path / "jars", "4.4.0", builder)
    assert await build_once(tmp_path / "jars", "4.5.0", builder)
    assert {path.name for path in (tmp_path / "jars").iterdir()} == {"part-1", ".complete"}


async def test_half_built_is_not_complete_and_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    with pytest.raises(OSError, match="network away"):
        await build_once(folder, "4.4.0", Builder(folder, fails=True))
    assert not is_complete(folder, "4.4.0")
    assert await build_once(folder, "4.4.0", Builder(folder))


async def test_two_at_a_time_build_once(tmp_path: Path) -> None:
    builder = Builder(tmp_path / "jars")
    made = [build_once(tmp_path / "jars", "4.4.0", builder) for _ in range(2)]
    assert sorted(await asyncio.gather(*made)) == [False, True]
