"""Files that only this user may read: a token of the keeper's, and what we tell it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

SHORTEST_TOKEN = 32


def read_token(path: Path) -> str:
    """Read the HTTP token that the keeper made for us.

    Raises
    ------
    ValueError
        The file may be read by others, or holds too short a token to be one.
    """
    with path.open(encoding="ascii") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        token = file.read().strip()
    if mode & 0o077:
        raise ValueError(f"The token {path} may be read by others (mode {mode:o}); set it to 600.")
    if len(token) < SHORTEST_TOKEN:
        raise ValueError(f"The token {path} has fewer than {SHORTEST_TOKEN} characters.")
    return token


def write_private(path: Path, document: object) -> None:
    """Write JSON so that a reader sees all of it or none, and nobody else sees any."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
