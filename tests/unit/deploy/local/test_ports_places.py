"""Ports, folders and the layout of a house."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.places import Places
from deploy.local.ports import HOST, Ports, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_prefer_takes_the_next_free_port(taken: int) -> None:
    assert Ports().prefer(taken) > taken


def test_a_port_is_given_once() -> None:
    ports = Ports()
    first = ports.any()
    assert ports.prefer(first) != first
    assert len({ports.any() for _ in range(50)}) == 50


def test_no_free_port_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.local.ports.is_free", lambda _port: False)
    with pytest.raises(OSError, match="no free port from 8080"):
        Ports().prefer(8080)


def test_places_are_closed_to_others(tmp_path: Path) -> None:
    places = Places(tmp_path / "house", tmp_path / "cache")
    places.create()
    places.create()
    for folder in (places.root, places.data, places.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_default_place_is_dot_prat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRAT_CACHE_DIR", raising=False)
    places = Places.at()
    assert places.root == places.cache == tmp_path / ".prat"


def test_cache_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRAT_CACHE_DIR", str(tmp_path / "cache"))
    assert Places.at(tmp_path / "house").cache == tmp_path / "cache"


def test_layout_gives_every_part_its_own_port() -> None:
    layout = Layout(Ports(), fixed=False)
    every = [*layout.public.values(), *layout.internal.values()]
    assert len(set(every)) == len(every) == 12


def test_layout_tells_services_where_they_and_others_are(tmp_path: Path) -> None:
    layout = Layout(Ports(), fixed=False)
    env = layout.env(tmp_path)
    assert env["PRAT_GATEWAY_PUBLIC_PORT"] == str(layout.public["gateway"])
    assert env["PRAT_RETENTION_URL"] == f"http://127.0.0.1:{layout.internal['retention']}"
    assert env["PRAT_SHOP_HAVSRO_URL"] == layout.url("havsro")
    assert env["PRAT_SECRETS_DIR"] == str(tmp_path)
    internal = {name for name in env if name.endswith("_INTERNAL_PORT")}
    public = {name for name in env if name.endswith("_PUBLIC_PORT")}
    assert len(internal) == 5
    assert len(public) == 3
