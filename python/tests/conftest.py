"""Fixtures shared by all tests: see rig.py for what they give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import rig
from sitespan import identity

rig.register_backend()


@pytest.fixture(scope="session")
def shared_relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rig.RelayProcess]:
    """One relay for all tests that leave it alone."""
    relay = rig.RelayProcess(tmp_path_factory.mktemp("relay"))
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def own_relay(tmp_path: Path) -> Iterator[rig.RelayProcess]:
    """A relay that the test may kill."""
    relay = rig.RelayProcess(tmp_path / "relay")
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture
def cluster(shared_relay: rig.RelayProcess, tmp_path: Path) -> rig.RelayedCluster:
    """A cluster of its own for each test, at the shared relay."""
    return rig.RelayedCluster(shared_relay, tmp_path)


@pytest.fixture(autouse=True)
def no_identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start and end every test without an identity of this process."""
    monkeypatch.delenv("SITESPAN_IDENTITY", raising=False)
    identity.use(None)
    yield
    identity.use(None)
