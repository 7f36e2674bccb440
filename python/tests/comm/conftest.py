"""Fixtures of the comm's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from ends import Ends

import rig


@pytest.fixture
async def ends(cluster: rig.RelayedCluster) -> AsyncIterator[Ends]:
    """Ends whose scheduler listens already."""
    made = Ends(
        cluster.identity("scheduler", "scheduler"), cluster.identity("client", "notebook-1")
    )
    async with made.listening():
        yield made
