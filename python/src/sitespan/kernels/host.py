"""The kernel host: sends one cell at a time, records what comes back, holds the queue."""

from __future__ import annotations

import asyncio
import base64
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from .cells import Cell, Cells, Group
from .kernel import Kernel, kernel_environment
from .kernel_life import KernelLife
from .module_watch import watch_modules
from .notebook_runs import NotebookRuns
from .record import Record
from .refused import Refused
from .requests import REPLIES, Requests

#: Who asks what comes next, or what a name means, waits at a keyboard.
_ANSWER_SECONDS = 4.0


class KernelHost:
    """One kernel with its queue, its record and the notebooks it executes.

    Parameters
    ----------
    record
        Gets every message and every decision.
    cwd
        The notebook's folder, where the kernel works.
    environment
        The host's own, from which the kernel's is made.
    """

    def __init__(self, record: Record, cwd: Path, environment: dict[str, str]) -> None:
        self.record = record
        self._cells = Cells()
        self._notebooks = NotebookRuns()
        self._requests = Requests()
        given = kernel_environment(environment)
        self._life = KernelLife(lambda: Kernel(cwd, given, self._heard), self._run_all, self._said)
        self._stopping = False
        # A restart and the end may be asked for at once.
        self._one_ends = asyncio.Lock()
        self._groups = 0
        self._active = time.time()
        self._cell_of: dict[str, str] = {}
        self._running: Cell | None = None
        self._input: dict[str, Any] | None = None

    def start(self) -> None:
        """Start the kernel and work off the queue, until `stop`."""
        self.record.host("host-started")
        self._life.start()

    async def stop(self, because: str) -> None:
        """End the kernel; what is queued is skipped, what runs has failed."""
        if self._stopping:
            return
        self._stopping = True
        self.record.host("stopping", message=f"The kernel is ended: {because}.")
        self._skip(self._cells.skip(), "stopped")
        async with self._one_ends:
            await self._life.end(at_work=self._running is not None)
        if self._life.alive is not False:
            self._life.alive = False
            self._said("ended", f"The kernel was ended ({because}).")
        self._notebooks.flush()
        self.record.host("stopped")

    async def restart(self) -> None:
        """Start another kernel in the place of this one, which may be dead; the record goes on.

        What runs has failed and what is queued is skipped. Cells that are asked for while the
        old one ends are the new one's.

        Raises
        ------
        Refused
            ``kernel-dead``, if the host itself is ending.
        """
        async with self._one_ends:
            self._refuse_if_stopping()
            sentence = "The kernel is restarted: what ran or waited is given up."
            self._note_activity()
            self._life.alive = None
            self.record.host("kernel-restarting", message=sentence)
            self._skip(self._cells.skip(), "restarted")
            await self._life.end(at_work=self._running is not None)
            self._input = None
            if self._running is not None:
                self._end(self._running, failed="The kernel was restarted.")
            self._refuse_if_stopping()
            self._life.renew()

    def add_cells(self, cells: list[Cell]) -> list[str]:
        """Queue cells; those whose id is known are ignored. Returns the ids that are new."""
        self._refuse_if_dead()
        self._groups += 1
        for cell in cells:
            cell.group = self._groups
        return self._queue(cells)

    def seen(self, ids: Iterable[str]) -> None:
        """Note that a saved document holds how these ended; those that have not are passed over."""
        if fresh := self._cells.see(ids):
            self.record.host("cells-seen", cells=fresh)

    def move_document(self, before: str, now: str) -> None:
        """Note that a document, of which cells were run, has another name now."""
        if self._cells.move(before, now):
            self.record.host("document-moved", before=before, document=now)

    async def ask(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Ask the kernel what comes next or what a name means, as Jupyter's messages do.

        Parameters
        ----------
        kind
            ``complete_request`` or ``inspect_request``.
        content
            Of that message.

        Returns
        -------
        dict
            The reply's content; ``{"busy": True}`` while a cell runs, for the kernel answers one
            at a time and the keyboard should not wait.

        Raises
        ------
        Refused
            ``kernel-dead``.
        """
        self._refuse_if_dead()
        self._note_activity()
        if not self._life.alive or self._running is not None:
            return {"busy": True}
        message = self._kernel.request(kind, content)
        # A kernel that dies meanwhile, or is restarted, gives no answer either.
        over = self._requests.over(message, needs_idle=False)
        try:
            return await asyncio.wait_for(over, _ANSWER_SECONDS)
        except asyncio.TimeoutError:
            return {"busy": True}

    def add_notebook(
        self,
        path: Path,
        save: Path,
        run: str | None,
        parameters: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Queue a notebook's code cells.

        Parameters
        ----------
        path, save
            The notebook, and where the executed one is written.
        run
            Made by the caller, so that asking twice is asking once; by default a new one.
        parameters
            Values by name, set by a cell that is put in.

        Returns
        -------
        dict
            ``{"id": run, "cells": [{"id": queue id, "cell": id in the notebook, "index": place
            among all its cells}]}``.

        Raises
        ------
        NotANotebook
            If there is nothing to run.
        Refused
            ``kernel-dead``.
        """
        self._refuse_if_dead()
        name = run or f"run-{len(self._notebooks) + 1}"
        if name not in self._notebooks:
            cells = self._notebooks.add(name, path, save, parameters)
            self.record.host("notebook-queued", notebook=name, path=str(path), save=str(save))
            self._queue(cells)
        return self._notebooks.answer(name)

    def interrupt(self) -> None:
        """Interrupt the running cell and give up those queued."""
        self._refuse_if_dead()
        self._note_activity()
        self.record.host("interrupted", self._running.id if self._running else None)
        self._skip(self._cells.skip(), "interrupted")
        if self._running is not None:
            self._kernel.interrupt()

    def answer(self, value: str) -> None:
        """Answer the ``input()`` that waits. The value is not recorded: it may be a password.

        Raises
        ------
        Refused
            ``no-input``, if none waits; ``kernel-dead``.
        """
        self._refuse_if_dead()
        if self._input is None:
            raise Refused("no-input", "No cell of this kernel waits for input.")
        self._note_activity()
        self.record.host("input-answered", self._input["cell"])
        self._input = None
        self._kernel.answer(value)

    def state(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the whole state, as docs/architecture.md has it; `brief` without every cell."""
        if self._life.alive is None:
            kernel = "starting"
        elif not self._life.alive:
            kernel = "dead"
        else:
            kernel = "busy" if self._running or self._cells.queue else "idle"
        return {
            "kernel": kernel,
            "pid": self._kernel.pid,
            "queue": self._cells.queue,
            "cells": {} if brief else {cell.id: cell.as_state() for cell in self._cells},
            "counts": self._cells.counts,
            "running": self._running and {"cell": self._running.id, "since": self._running.started},
            "notebooks": self._notebooks.as_state(),
            "input": self._input,
            "offset": self.record.offset,
            "active": self._active,
            "looked": self.record.looked,
            "python": {"version": platform.python_version(), "executable": sys.executable},
        }

    def _said(self, what: Literal["starting", "ready", "ended"], sentence: str) -> None:
        self._note_activity()
        if what == "starting":
            self.record.host("kernel-starting")
        elif what == "ready":
            self.record.host("kernel-ready", pid=self._kernel.pid)
        else:
            self._input = None
            self.record.host("kernel-ended", message=sentence)
            if self._running is not None:
                self._end(self._running, failed=sentence)
            self._skip(self._cells.skip(), "kernel-ended")

    async def _run_all(self) -> None:
        if trouble := await watch_modules(self._kernel, self._requests):
            self.record.host("note", message=trouble)
        while not self._life.ending:
            cell = await self._cells.next()
            self._running = cell
            self.record.host("cell-started", cell.id)
            message = self._kernel.execute(cell.source, cell=cell.id)
            self._cell_of[message] = cell.id
            reply = await self._requests.over(message)
            self._input = None
            self._end(cell, failed=None if reply.get("status") == "ok" else "")
            if any(part.get("source") == "ask_exit" for part in reply.get("payload", [])):
                # After exit() the kernel would still take a cell or two in its last tenth second.
                self._skip(self._cells.skip(), "kernel-ended")
                await self._kernel.wait()
                return

    def _heard(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        parent = message["parent_header"].get("msg_id")
        cell = self._cell_of.get(parent)
        # The host's own requests are nobody's output, but for what went wrong in them.
        if cell is not None or (kind != "status" and kind not in REPLIES):
            parts = [base64.b64encode(part).decode() for part in message.get("buffers", [])]
            self.record.message(cell, kind, content, message["metadata"], parts)
        if kind == "input_request":
            self._input = {"cell": cell, "prompt": content["prompt"]}
            self._input["password"] = bool(content.get("password"))
        elif kind == "execute_input" and cell is not None:
            self._cells[cell].count = content["execution_count"]
        self._requests.heard(parent, kind, content)
        self._notebooks.heard(cell, message)

    def _queue(self, cells: list[Cell]) -> list[str]:
        fresh = self._cells.add(cells)
        self._note_activity()
        for cell in fresh:
            cell.offset = self.record.offset
            which = {"document": cell.document, "place": cell.place}
            known = {name: value for name, value in which.items() if value is not None}
            self.record.host("cell-queued", cell.id, **known)
        return [cell.id for cell in fresh]

    def _end(self, cell: Cell, failed: str | None) -> None:
        """End a cell; `failed` is why, empty if the kernel itself has said it."""
        self._running = None
        self._note_activity()
        if failed:
            error = {"ename": "KernelEnded", "evalue": failed, "traceback": [failed]}
            self.record.message(cell.id, "error", error, {})
            self._notebooks.show(cell.id, "error", error)
        self._cells.end(cell, "done" if failed is None else "failed")
        self.record.host("cell-ended", cell.id, status=cell.status, count=cell.count)
        if failed is not None:
            self._skip(self._cells.skip(cell.group), "failed")
        self._close_run(cell.group)

    def _skip(self, cells: list[Cell], because: str) -> None:
        for cell in cells:
            self.record.host("cell-skipped", cell.id, because=because)
        for group in {cell.group for cell in cells}:
            self._close_run(group)

    def _close_run(self, run: Group) -> None:
        if status := self._notebooks.close(run, self._cells):
            self.record.host("notebook-ended", notebook=run, status=status)

    @property
    def _kernel(self) -> Kernel:
        return self._life.kernel

    def _note_activity(self) -> None:
        self._active = time.time()

    def _refuse_if_dead(self) -> None:
        if self._stopping or self._life.alive is False:
            raise Refused("kernel-dead", "The kernel has ended; restart it, or start a new one.")

    def _refuse_if_stopping(self) -> None:
        if self._stopping:
            raise Refused("kernel-dead", "The kernel is being ended; start a new one.")
