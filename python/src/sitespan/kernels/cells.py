"""The queue of cells: what is asked for, what runs, and how each of them ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Status = Literal["queued", "running", "done", "failed", "skipped"]

#: A notebook's run by its name, or a request of cells by its number: so neither can be the other.
Group = str | int


@dataclass
class Cell:
    """One cell to run. Times are Unix seconds.

    `group` names the cells that stand and fall together: a notebook's run, or all cells of
    one request. `document` and `place` say which cell of which notebook it is, in the words
    of whoever asked; `seen`, that a saved document holds its end; `offset` is the byte of
    the record at which its lines begin.
    """

    id: str
    source: str
    group: Group = 0
    document: str | None = None
    place: dict[str, Any] | None = None
    status: Status = "queued"
    count: int | None = None
    started: float | None = None
    ended: float | None = None
    seen: bool = False
    offset: int = 0

    def as_state(self) -> dict[str, Any]:
        """Return what ``/v1/state`` says of it."""
        state = asdict(self)
        del state["id"], state["source"], state["group"]
        return state


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

    def skip(self, group: Group | None = None) -> list[Cell]:
        """Give up the queued cells of a group, by default all of them, and return them."""
        skipped = [c for c in self._queued.values() if group is None or c.group == group]
        for cell in skipped:
            del self._queued[cell.id]
            cell.status = "skipped"
        return skipped

    def see(self, ids: Iterable[str]) -> list[str]:
        """Note that a saved document holds how these ended; the ids for which that is news."""
        fresh: list[str] = []
        for cell_id in ids:
            cell = self._all.get(cell_id)
            if cell and not cell.seen and cell.status not in ("queued", "running"):
                cell.seen = True
                fresh.append(cell_id)
        return fresh

    def move(self, before: str, now: str) -> bool:
        """Note that a document has another name now; True if it was any cell's."""
        moved = [cell for cell in self if cell.document == before]
        for cell in moved:
            cell.document = now
        return bool(moved)

    def open_in(self, group: Group) -> bool:
        """Tell whether a cell of this group is still queued or running."""
        return any(c.group == group and c.status in ("queued", "running") for c in self)

    @property
    def counts(self) -> dict[Status, int]:
        """How many cells are in each state."""
        numbers: dict[Status, int] = dict.fromkeys(get_args(Status), 0)
        for cell in self:
            numbers[cell.status] += 1
        return numbers

    @property
    def queue(self) -> list[str]:
        """Ids of the queued cells, next first."""
        return list(self._queued)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._all.values())

    def __getitem__(self, cell_id: str) -> Cell:
        return self._all[cell_id]
