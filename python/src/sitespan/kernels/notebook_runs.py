"""The notebooks that a kernel runs: which of the queue's cells are theirs, and what they show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .cells import Cell, Cells
from .executed import CodeCell, ExecutedNotebook


class NotebookRuns:
    """Every notebook that was asked for, by its run's name; its cells are called ``<run>:<id>``."""

    def __init__(self) -> None:
        self._notebooks: dict[str, ExecutedNotebook] = {}
        self._open: set[str] = set()
        self._parts: dict[str, tuple[ExecutedNotebook, CodeCell]] = {}

    def __contains__(self, run: object) -> bool:
        return run in self._notebooks

    def __len__(self) -> int:
        return len(self._notebooks)

    def add(
        self, run: str, path: Path, save: Path, parameters: Mapping[str, Any] | None
    ) -> list[Cell]:
        """Take in a notebook under a new name; the cells to queue.

        Raises
        ------
        NotANotebook
            If there is nothing to run.
        """
        notebook = ExecutedNotebook(path, save, parameters)
        self._notebooks[run] = notebook
        self._open.add(run)
        parts = {f"{run}:{part.id}": part for part in notebook.cells}
        self._parts.update({key: (notebook, part) for key, part in parts.items()})
        notebook.changed()
        return [Cell(key, part.source, group=run) for key, part in parts.items()]

    def answer(self, run: str) -> dict[str, Any]:
        """Say which cell of the queue is which of the notebook's."""
        parts = self._notebooks[run].cells
        cells = [{"id": f"{run}:{c.id}", "cell": c.id, "index": c.index} for c in parts]
        return {"id": run, "cells": cells}

    def heard(self, cell: str | None, message: dict[str, Any]) -> None:
        """Carry one of Jupyter's messages, of whichever channel, into the executed notebooks."""
        kind, content = message["msg_type"], message["content"]
        if kind == "update_display_data":
            self.show(cell, kind, content)
        elif cell is not None and cell in self._parts:
            notebook, part = self._parts[cell]
            began = message["metadata"].get("started")
            moments = _moment(message["header"]["date"]), None if began is None else _moment(began)
            if part.heard_at(kind, content, *moments):
                notebook.changed()
            self.show(cell, kind, content)

    def show(self, cell: str | None, kind: str, content: dict[str, Any]) -> None:
        """Carry output into the executed notebooks."""
        if kind == "update_display_data":
            for notebook, part in self._parts.values():
                if part.outputs.update(content):
                    notebook.changed()
        elif cell is not None and cell in self._parts:
            notebook, part = self._parts[cell]
            changed = part.outputs.hear(kind, content)
            if kind == "execute_input":
                part.count = content["execution_count"]
                changed = True
            if changed:
                notebook.changed()

    def close(self, run: object, cells: Cells) -> str | None:
        """End a run whose last cell has ended: its file is whole now; how it ended, if it did."""
        if not isinstance(run, str) or run not in self._open or cells.open_in(run):
            return None
        self._open.remove(run)
        self._notebooks[run].flush()
        return "done" if all(c.status == "done" for c in cells if c.group == run) else "failed"

    def flush(self) -> None:
        """Write all executed notebooks now."""
        for notebook in self._notebooks.values():
            notebook.flush()

    def as_state(self) -> dict[str, Any]:
        """Return what ``/v1/state`` says of them."""
        return {
            name: {"path": str(n.path), "save": str(n.save), "failure": n.failure}
            for name, n in self._notebooks.items()
        }


def _moment(date: datetime | str) -> str:
    """Write a message's date as Jupyter does on the wire."""
    return date if isinstance(date, str) else date.isoformat().replace("+00:00", "Z")
