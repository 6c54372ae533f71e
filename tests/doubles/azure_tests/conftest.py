"""One emulator and one SDK process per mode, made empty before each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.azure.emulator import Emulator

from .processes import Client


class World:
    """An emulator and a client of it."""

    def __init__(self, mode: str, folder: Path) -> None:
        self.emulator = Emulator(mode, folder / "emulator", collect_seconds=0.1, grace_seconds=2.0)
        self.emulator.start()
        self.client = Client(self.emulator, folder)

    def fresh(self) -> None:
        self.emulator.reset()
        self.client.token_file.write_text(self.emulator.tokens.mint())

    def close(self) -> None:
        self.client.close()
        self.emulator.stop()


@pytest.fixture(scope="session")
def http_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World("http", tmp_path_factory.mktemp("http"))
    yield world
    world.close()


@pytest.fixture(scope="session")
def proxy_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World("proxy", tmp_path_factory.mktemp("proxy"))
    yield world
    world.close()


def _empty(world: World) -> Iterator[World]:
    world.fresh()
    yield world
    assert world.emulator.unknown == []
    assert world.emulator.defects == []


@pytest.fixture
def plain(http_world: World) -> Iterator[World]:
    """The quick mode: plain http."""
    yield from _empty(http_world)


@pytest.fixture
def proxied(proxy_world: World) -> Iterator[World]:
    """The true mode: real host names, TLS, stock credentials."""
    yield from _empty(proxy_world)


@pytest.fixture(params=["http", "proxy"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Either mode: what is asked of both."""
    yield from _empty(request.getfixturevalue(f"{request.param}_world"))
