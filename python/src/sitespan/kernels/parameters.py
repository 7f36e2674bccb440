"""A notebook's parameters: a cell that sets them, where papermill puts it."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

_TAG = "injected-parameters"


def fault_of(parameters: Mapping[str, Any]) -> str | None:
    """Say in a sentence what is wrong with the names; ``None`` if nothing is."""
    for name in parameters:
        if not name.isidentifier() or keyword.iskeyword(name):
            return f"A notebook's parameter cannot be called {name!r}: that is no name in Python."
    return None


def inject(notebook: dict[str, Any], parameters: Mapping[str, Any]) -> None:
    """Put a cell tagged ``injected-parameters`` into a notebook (nbformat 4).

    It comes after the cell tagged ``parameters``, else first, and takes the place of one
    that an earlier run has left. Without parameters nothing is changed.
    """
    if not parameters:
        return
    cells = [cell for cell in notebook["cells"] if not _is_tagged(cell, _TAG)]
    lines = [f"{name} = {value!r}" for name, value in parameters.items()]
    known = {cell.get("id") for cell in cells if isinstance(cell, dict)}
    cell_id = _TAG
    while cell_id in known:
        cell_id += "-"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {"tags": [_TAG]},
        "source": "\n".join(["# Parameters", *lines]),
        "outputs": [],
        "execution_count": None,
    }
    place = next((n + 1 for n, one in enumerate(cells) if _is_tagged(one, "parameters")), 0)
    cells.insert(place, cell)
    notebook["cells"] = cells


def _is_tagged(cell: Any, tag: str) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and tag in tags
