"""Hooks in coffea and uproot that add to the tally of the task that they run in.

A module is patched right after its first import, so nothing is imported that the analysis does not
import itself. Measuring must never break the analysis: a library that looks different is left
alone, and the log says so once.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from time import perf_counter
from types import ModuleType
from typing import Any

from sitespan.counters import current_tally

logger = logging.getLogger(__name__)

MARK = "__sitespan_counted__"
SOURCES = "uproot.source."
UPROOT_DASK_READERS = ("_UprootRead", "_UprootOpenAndRead")


class _Read(threading.local):
    """The read that this thread is in: what it asked storage for, by the two ways of knowing."""

    def __init__(self) -> None:
        self.depth = 0
        self.coalesced = 0


_read = _Read()


def _marked(function: Any) -> bool:
    return getattr(function, MARK, False) is True


def _count_reads(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap ``Source.chunk`` or ``chunks``: adds the bytes that the source asks storage for.

    A source that coalesces asks for more than its reader wanted, and than uproot's own counter
    says: it reads the gaps between near ranges too, up to 32 KiB each, and the server sends them.
    So where ranges were coalesced, those are counted, and the wanted ones elsewhere.
    """

    @functools.wraps(method)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        tally = current_tally()
        if tally is None or _read.depth:  # a source that reads through another is counted once
            return method(self, *args, **kwargs)
        _read.depth, _read.coalesced = 1, 0
        try:
            return method(self, *args, **kwargs)
        finally:
            returned = perf_counter()
            tally.add_bytes(_read.coalesced or _wanted(args))
            _read.depth = 0
            tally.add_overhead(perf_counter() - returned)

    setattr(counted, MARK, True)
    return counted


def _wanted(args: Sequence[Any]) -> int:
    """Return the bytes that ``chunk(start, stop)`` or ``chunks(ranges, …)`` wants."""
    try:
        if len(args) == 2 and not isinstance(args[0], Sequence):
            return int(args[1]) - int(args[0])
        return sum(int(stop) - int(start) for start, stop in args[0])
    except (IndexError, TypeError, ValueError):
        return 0


def _count_coalesced(coalesce: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap ``coalesce_requests(ranges, submit, …)``: adds the ranges that are really submitted."""

    @functools.wraps(coalesce)
    def counted(ranges: Any, submit: Callable[[Any], Any], *args: Any, **kwargs: Any) -> Any:
        def submit_and_count(merged: Any) -> Any:
            _read.coalesced += sum(int(stop) - int(start) for start, stop in merged)
            return submit(merged)

        return coalesce(ranges, submit_and_count, *args, **kwargs)

    setattr(counted, MARK, True)
    return counted


def _patch_source(module: ModuleType) -> None:
    coalesce = getattr(module, "coalesce_requests", None)
    if callable(coalesce) and not _marked(coalesce) and module.__name__ != "uproot.source.coalesce":
        module.coalesce_requests = _count_coalesced(coalesce)  # type: ignore[attr-defined]
    for found in list(vars(module).values()):
        if not isinstance(found, type) or found.__module__ != module.__name__:
            continue
        if not hasattr(found, "num_requested_bytes"):
            continue
        for name in ("chunk", "chunks"):
            method = found.__dict__.get(name)
            if callable(method) and not _marked(method):
                setattr(found, name, _count_reads(method))


def _work_item(args: Sequence[Any]) -> Any:
    """Find coffea's WorkItem among arguments: alone, or in a pair with the processor."""
    for found in args:
        item = found[0] if isinstance(found, tuple) and found else found
        if type(item).__name__ == "WorkItem":
            return item
    return None


def _patch_coffea(module: ModuleType) -> None:
    runner = module.Runner
    work = runner._work_function
    if _marked(work):
        return

    @functools.wraps(work)  # keeps the name by which clients' pickles find it
    def counted(*args: Any, **kwargs: Any) -> Any:
        tally = current_tally()
        if tally is None:
            return work(*args, **kwargs)
        started, bytes_before = perf_counter(), tally.bytes
        result = work(*args, **kwargs)  # one that raises has processed nothing
        returned = perf_counter()
        try:
            item = _work_item((*args, *kwargs.values()))
            if item is not None:
                tally.add_sample(
                    str(item.dataset),
                    events=int(item.entrystop) - int(item.entrystart),
                    nbytes=tally.bytes - bytes_before,
                    files=1 if int(item.entrystart) == 0 else 0,
                    seconds=returned - started,
                )
        except Exception:
            logger.warning("A chunk of coffea's could not be counted.", exc_info=True)
        tally.add_overhead(perf_counter() - returned)
        return result

    setattr(counted, MARK, True)
    runner._work_function = staticmethod(counted)


def _patch_uproot_dask(module: ModuleType) -> None:
    for name in UPROOT_DASK_READERS:
        reader = getattr(module, name, None)
        if not isinstance(reader, type) or _marked(reader.__call__):
            continue
        reader.__call__ = _count_partition(reader.__call__)  # type: ignore[method-assign]


def _count_partition(read: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(read)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        partition = read(self, *args, **kwargs)
        tally = current_tally()
        if tally is not None:
            started = perf_counter()
            try:
                tally.add_events(len(partition[0] if isinstance(partition, tuple) else partition))
            except TypeError:
                logger.debug("A partition of %s has no length.", type(self).__name__)
            tally.add_overhead(perf_counter() - started)
        return partition

    setattr(counted, MARK, True)
    return counted


def _patch_of(name: str) -> Callable[[ModuleType], None] | None:
    if name.startswith(SOURCES):
        return _patch_source
    if name == "coffea.processor.executor":
        return _patch_coffea
    if name == "uproot._dask":
        return _patch_uproot_dask
    return None


def _patch(name: str, module: ModuleType) -> None:
    patch = _patch_of(name)
    try:
        if patch is not None:
            patch(module)
    except Exception:
        logger.warning(
            "%s looks different than expected; its work is not counted.", name, exc_info=True
        )


class CountingHooks(importlib.abc.MetaPathFinder):
    """Installs the hooks in what is imported already, and in the rest when it is first imported."""

    def __init__(self) -> None:
        self._busy = threading.local()

    def install(self) -> None:
        """Begin to patch. There is no way back: other threads may be inside a patched call."""
        sys.meta_path.insert(0, self)
        for name, module in list(sys.modules.items()):
            if isinstance(module, ModuleType):
                _patch(name, module)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find the module, and patch it once it has run."""
        if _patch_of(name) is None or getattr(self._busy, "now", False):
            return None
        self._busy.now = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._busy.now = False
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def run_and_patch(module: ModuleType) -> None:
            run(module)
            _patch(name, module)

        spec.loader.exec_module = run_and_patch  # type: ignore[method-assign]
        return spec
