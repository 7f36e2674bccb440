"""The user's own modules: the Python files beside a notebook, as one zip named by content."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE_LIMIT_BYTES = 1 << 20
PACKAGE_LIMIT_BYTES = 4 << 20
TOTAL_LIMIT_BYTES = 16 << 20
#: Folder entries looked at in one package.
PACKAGE_LIMIT_ENTRIES = 2_000
#: And in all folders that have no ``__init__.py``: a notebook may lie in a home directory.
LOOK_LIMIT_ENTRIES = 20_000

#: A worker lives by these; a file of the user's that hides one would end it.
_RESERVED = sys.stdlib_module_names | {"dask", "distributed", "sitespan", "cloudpickle", "msgpack"}
_NOT_MODULES = {"__pycache__", "node_modules", "site-packages"}
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True)
class FileState:
    """What tells cheaply that a file is not the one of before."""

    size: int
    modified: int
    inode: int


@dataclass(frozen=True)
class Look:
    """What a look at a folder found.

    Attributes
    ----------
    files
        Path below the folder (with ``/``), and the file's state.
    skipped
        One sentence for each thing that a user might miss.
    """

    files: dict[str, FileState]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class ModuleSet:
    """Modules ready to be sent: a zip, and the digest of what is in it."""

    digest: str
    archive: bytes


def look(folder: Path) -> Look:
    """Find the modules and packages in `folder`, by their sizes and times alone.

    A package is a folder with Python files in it, with or without ``__init__.py``. Hidden
    folders, environments and everything that is not Python are left out silently; what is too
    large, or has the name of a module that the worker itself needs, is left out and said.
    """
    modules: list[Path] = []
    regular: list[Path] = []
    plain: list[Path] = []
    for entry in _entries(folder, _Budget(LOOK_LIMIT_ENTRIES)):
        if not entry.is_dir():
            modules.append(entry)
        elif entry.name.isidentifier() and not any(
            (entry / m).exists() for m in _ENVIRONMENT_MARKS
        ):
            (regular if (entry / "__init__.py").exists() else plain).append(entry)
    files: dict[str, FileState] = {}
    skipped: list[str] = []
    everywhere = _Budget(LOOK_LIMIT_ENTRIES)
    for entry in (*modules, *regular, *plain):
        if entry in plain and everywhere.spent:
            skipped.append(f"{entry.name} and what follows: there is too much beside the notebook")
            break
        budget = _Budget(PACKAGE_LIMIT_ENTRIES, everywhere if entry in plain else None)
        found = dict(_python_files(entry, folder, budget, skipped))
        if not found:
            continue
        # In the kernel, too, a folder without __init__.py does not hide a real module.
        if entry.stem in _RESERVED and entry in plain:
            continue
        if entry.stem in _RESERVED:
            skipped.append(f"{entry.name} has the name of a module that workers need themselves")
        elif budget.spent:
            skipped.append(f"{entry.name} has more than {PACKAGE_LIMIT_ENTRIES} entries")
        elif _size(found) > PACKAGE_LIMIT_BYTES:
            skipped.append(f"{entry.name} has more than {PACKAGE_LIMIT_BYTES >> 20} MiB of Python")
        elif _size(files) + _size(found) > TOTAL_LIMIT_BYTES:
            skipped.append(f"{entry.name} is beyond {TOTAL_LIMIT_BYTES >> 20} MiB in all")
        else:
            files.update(found)
    return Look(files, tuple(skipped))


def pack(folder: Path, found: Look) -> ModuleSet:
    """Read what was found and zip it; a file that has gone meanwhile is left out.

    The zip is the same for the same content, wherever and whenever it is made.
    """
    digest = hashlib.sha256()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(found.files):
            try:
                content = (folder / name).read_bytes()
            except OSError:
                continue
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return ModuleSet(digest.hexdigest()[:20], buffer.getvalue())


class _Budget:
    """How many folder entries may still be looked at; `within` is spent along with it."""

    def __init__(self, left: int, within: _Budget | None = None) -> None:
        self._left = left
        self._within = within

    def spend(self) -> None:
        self._left -= 1
        if self._within is not None:
            self._within.spend()

    @property
    def spent(self) -> bool:
        return self._left <= 0


def _entries(folder: Path, budget: _Budget) -> list[Path]:
    """List a folder by name, nothing hidden; an unreadable one is empty."""
    found: list[Path] = []
    try:
        with os.scandir(folder) as scan:
            for entry in scan:
                if budget.spent:
                    break
                budget.spend()
                if not entry.name.startswith(".") and entry.name not in _NOT_MODULES:
                    found.append(folder / entry.name)
    except OSError:
        return []
    return sorted(found)


def _python_files(
    top: Path, root: Path, budget: _Budget, skipped: list[str]
) -> Iterator[tuple[str, FileState]]:
    """Find what ``import`` could find in `top`, a file or a folder."""
    # Links are followed (a package may be shared that way), but not in circles.
    left, known = [top], set[str]()
    while left:
        path = left.pop()
        if os.path.isdir(path):
            real = os.path.realpath(path)
            if path.name.isidentifier() and real not in known:
                known.add(real)
                left.extend(_entries(path, budget))
        elif path.suffix == ".py" and path.stem.isidentifier():
            name = path.relative_to(root).as_posix()
            try:
                found = path.stat()
            except OSError:
                continue
            if not stat.S_ISREG(found.st_mode):
                continue
            if found.st_size > FILE_LIMIT_BYTES:
                skipped.append(f"{name} is larger than {FILE_LIMIT_BYTES >> 20} MiB")
                continue
            yield name, FileState(found.st_size, found.st_mtime_ns, found.st_ino)


def _is_environment(folder: Path) -> bool:
    return any(os.path.exists(folder / mark) for mark in _ENVIRONMENT_MARKS)


def _size(files: dict[str, FileState]) -> int:
    return sum(state.size for state in files.values())
