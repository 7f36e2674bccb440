"""What a cluster that ends with its process does when that exits."""

from __future__ import annotations

import os
from typing import Any

import pytest

from sitespan import kept_cluster


class _Keeper:
    def __init__(self) -> None:
        self.ended = 0

    def shut_down(self) -> None:
        self.ended += 1


class _HangingClient:
    asynchronous = False

    def close(self, timeout: float) -> None:
        raise TimeoutError(f"no end within {timeout} s")


def _end(keeper: Any, made_in: int) -> None:
    kept_cluster._end_with_process(keeper, made_in)


def test_ends_where_no_client_is() -> None:
    keeper = _Keeper()
    _end(keeper, os.getpid())
    assert keeper.ended == 1


def test_ends_though_its_client_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_cluster.Client, "current", classmethod(lambda _: _HangingClient()))
    keeper = _Keeper()
    _end(keeper, os.getpid())
    assert keeper.ended == 1


def test_a_fork_of_its_process_leaves_it() -> None:
    keeper = _Keeper()
    _end(keeper, os.getpid() + 1)
    assert keeper.ended == 0
