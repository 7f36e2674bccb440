"""The queue of cells: what is asked for, what runs, and how each of them ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["queued", "running", "done", "failed", "skipped"]


@dataclass
class Cell:
    """One cell to run. Times are Unix seconds.

    `group` names the cells that stand and fall together: a notebook's run, or ``None`` for
    cells sent one by one.
    """

    id: str
    source: str
    group: str | None = None
    status: Status = "queued"
    count: int | None = None
    started: float | None = None
    ended: float | None = None

    def as_state(self) -> dict[str, Any]:
        """Return what ``/v1/state`` says of it."""
        state = asdict(self)
        return {key: state[key] for key in ("status", "count", "started", "ended")}


class Cells:
    """All cells ever asked for, in the order they came; those still queued run in that order.

    Ids are made by whoever asks, so asking twice is asking once.
    """

    def __init__(self) -> None:
        self._all: dict[str, Cell] = {}
        self._queued: dict[str, Cell] = {}
        self._more = asyncio.Event()

    def add(self, cells: Iterable[Cell]) -> list[Cell]:
        """Queue those whose id is new, and return them."""
        fresh: list[Cell] = []
        for cell in cells:
            if cell.id not in self._all:
                self._all[cell.id] = self._queued[cell.id] = cell
                fresh.append(cell)
        self._more.set()
        return fresh

    async def next(self) -> Cell:
        """Wait for the next queued cell; it is running from now on."""
        while not self._queued:
            self._more.clear()
            await self._more.wait()
        cell = self._queued.pop(next(iter(self._queued)))
        cell.status, cell.started = "running", time.time()
        return cell

    def end(self, cell: Cell, status: Literal["done", "failed"]) -> None:
        """Say how a running cell ended."""
        cell.status, cell.ended = status, time.time()

    def skip(self, group: str | None = None, *, everything: bool = False) -> list[Cell]:
        """Give up the queued cells of a group, or all of them, and return them."""
        skipped = [c for c in self._queued.values() if everything or c.group == group]
        for cell in skipped:
            del self._queued[cell.id]
            cell.status = "skipped"
        return skipped

    def open_in(self, group: str) -> bool:
        """Tell whether a cell of this group is still queued or running."""
        return any(c.group == group and c.status in ("queued", "running") for c in self)

    @property
    def queue(self) -> list[str]:
        """Ids of the queued cells, next first."""
        return list(self._queued)

    def __iter__(self) -> Any:
        return iter(self._all.values())

    def __getitem__(self, cell_id: str) -> Cell:
        return self._all[cell_id]
