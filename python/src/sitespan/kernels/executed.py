"""The executed notebook: a copy that fills with outputs while its cells run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .outputs import Outputs
from .parameters import inject

_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_INTERVAL_SECONDS = 1.0
#: What JupyterLab calls a moment in a cell's ``metadata.execution``, by message and state.
_MOMENTS = {
    ("status", "busy"): "iopub.status.busy",
    ("execute_input", None): "iopub.execute_input",
    ("execute_reply", None): "shell.execute_reply",
    ("status", "idle"): "iopub.status.idle",
}


class NotANotebook(Exception):
    """A file that cannot be run as a notebook; its message is one sentence for a person."""


@dataclass
class CodeCell:
    """A code cell with something in it; `index` counts all of the notebook's cells from 0."""

    id: str
    index: int
    source: str
    count: int | None = None
    outputs: Outputs = field(default_factory=Outputs)
    times: dict[str, str] = field(default_factory=dict)

    def heard_at(self, kind: str, content: dict[str, Any], when: str, began: str | None) -> bool:
        """Note when the cell's run came how far, as JupyterLab notes it; True if that was news.

        `when` is the message's own date, `began` when the kernel took up what a reply is to.
        """
        name = _MOMENTS.get((kind, content.get("execution_state")))
        if name is None:
            return False
        self.times[name] = when
        if kind == "execute_reply" and began is not None:
            self.times["shell.execute_reply.started"] = began
        return True


class ExecutedNotebook:
    """A notebook's code cells, and the file in which their outputs appear as they come.

    Parameters
    ----------
    path
        An .ipynb of nbformat 4; it is read once and not touched.
    save
        The file to write, nbformat 4.5: to a temporary name, synced, renamed, so that a
        reader sees one state or the next. It may be `path` itself.
    parameters
        Values by name, which a cell sets that is put in; none by default.

    Raises
    ------
    NotANotebook
        If it cannot be read, is no notebook, is not version 4, or has no code.
    """

    def __init__(self, path: Path, save: Path, parameters: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.save = save
        self._notebook = _parse(path)
        inject(self._notebook, parameters or {})
        self.cells = _code_cells(self._notebook, path)
        self._dirty = True
        self._writing: asyncio.Task[None] | None = None
        self.failure: str | None = None

    def changed(self) -> None:
        """Have the file written again: soon, and not more than once a second."""
        self._dirty = True
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_while_dirty())

    def flush(self) -> None:
        """Write now: who is told of the run's end finds it in the file."""
        self._write()

    async def _write_while_dirty(self) -> None:
        while self._dirty:
            began = time.monotonic()
            self._write()
            # A notebook of many megabytes is written less often, or the host would do nothing else.
            await asyncio.sleep(max(_INTERVAL_SECONDS, 10 * (time.monotonic() - began)))

    def _write(self) -> None:
        self._dirty = False
        for cell in self.cells:
            target = self._notebook["cells"][cell.index]
            target["execution_count"] = cell.count
            target["outputs"] = cell.outputs.as_nbformat()
            if cell.times:
                target["metadata"]["execution"] = cell.times
        text = json.dumps(self._notebook, indent=1, ensure_ascii=False) + "\n"
        try:
            _write_atomically(self.save, text.encode("utf-8", "replace"))
            self.failure = None
        except OSError as error:
            self.failure = f"The executed notebook {self.save} cannot be written: {error.strerror}."


def _parse(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_bytes())
    except OSError as error:
        raise NotANotebook(f"The notebook {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise NotANotebook(f"{path} is not a notebook: it is not JSON.") from error
    if not isinstance(notebook, dict):
        raise NotANotebook(f"{path} is not a notebook: it is no JSON object.")
    version = notebook.get("nbformat")
    if not isinstance(version, int):
        raise NotANotebook(f"{path} is not a notebook: it has no nbformat version.")
    if version != 4 or not isinstance(notebook.get("cells"), list):
        raise NotANotebook(
            f"{path} is a notebook of version {version}; open and save it once with Jupyter, "
            "which makes it version 4."
        )
    return notebook


def _code_cells(notebook: dict[str, Any], path: Path) -> list[CodeCell]:
    """Clear old outputs, give every cell an id (nbformat 4.5 demands them), list what can run."""
    found: list[CodeCell] = []
    known: set[str] = set()
    for index, cell in enumerate(notebook["cells"]):
        if not isinstance(cell, dict):
            raise NotANotebook(f"{path} is not a notebook: its cell {index + 1} is no object.")
        cell_id = cell.get("id")
        if not isinstance(cell_id, str) or not _CELL_ID.fullmatch(cell_id) or cell_id in known:
            cell_id = f"cell-{index}"
            while cell_id in known:
                cell_id += "-"
        known.add(cell_id)
        cell["id"] = cell_id
        if cell.get("cell_type") != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = {}
        cell["metadata"].pop("execution", None)
        source = cell.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if source.strip():
            found.append(CodeCell(cell_id, index, source))
    if not found:
        raise NotANotebook(f"The notebook {path} has no code to run.")
    notebook["nbformat_minor"] = max(5, int(notebook.get("nbformat_minor", 0)))
    return found


def _write_atomically(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
