"""The pictures of the chat: small, all of them there, and those that the README shows are among them."""

import re
from pathlib import Path

from tests.e2e.screens import FOLDER, SCREENS

LARGEST = 100_000


def test_every_screen_is_there_and_small() -> None:
    sizes = {file.stem: file.stat().st_size for file in FOLDER.glob("*.png")}
    assert set(sizes) == {screen.name for screen in SCREENS}
    assert max(sizes.values()) < LARGEST


def test_the_readme_shows_three_with_words_for_who_cannot_see_them(project: Path) -> None:
    images = re.findall(r'<img src="(\S+)"[^>]* alt="([^"]+)"', (project / "README.md").read_text())
    assert len(images) == 3
    assert all((project / path).exists() and len(words) > 20 for path, words in images)
