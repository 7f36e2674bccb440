"""The user's modules beside the notebook, on every worker, as they are now.

In the kernel `watch` looks before each cell and whenever a client connects; on a worker
`Modules`, a plugin, puts what was sent where ``import`` finds it. So a function of
``utils/`` works at a site that has never seen it, and an edit is in force from the next cell.

The kernel's own import of an edited module is the user's business (``%autoreload``).
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import io
import os
import shutil
import socket
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from distributed.diagnostics.plugin import SchedulerPlugin, WorkerPlugin

from .coffea_casa import is_ours
from .module_set import Look, ModuleSet, look, pack

if TYPE_CHECKING:
    from distributed import Client, Scheduler, Worker

#: Workers at other addresses are the user's own, and need not have this package.
OUR_ADDRESSES = ("relay://",)
_SEND_SECONDS = 60.0
_PRELOAD = "distributed.client.preload"


class Modules(WorkerPlugin):
    """The modules of one notebook folder, on a worker.

    Pickled by reference to this module, which our workers have. The scheduler keeps it and
    gives it to workers that come later, before their first task.

    Parameters
    ----------
    source
        Names the folder they come from: the next set of the same source replaces this one.
    modules
        What is in it.
    """

    def __init__(self, source: str, modules: ModuleSet) -> None:
        self.name = f"sitespan-modules-{source}"
        self.source = source
        self.digest = modules.digest
        self.archive = modules.archive

    def setup(self, worker: Worker) -> None:
        """Unpack into the worker's own folder, and have ``import`` find it first."""
        _put_in_force(self.source, self.digest, self.archive, worker.local_directory)


class ModulesOnScheduler(SchedulerPlugin):
    """The same on the scheduler: it unpickles the graphs, and so names the user's modules."""

    def __init__(self, source: str, modules: ModuleSet) -> None:
        self.name = f"sitespan-modules-{source}"
        self.source = source
        self.digest = modules.digest
        self.archive = modules.archive

    async def start(self, scheduler: Scheduler) -> None:
        """Unpack into the scheduler's own folder, and have ``import`` find it first."""
        _put_in_force(self.source, self.digest, self.archive, scheduler.local_directory)


#: On a worker or scheduler: the folder in force, by source.
_in_force: dict[str, Path] = {}


def _put_in_force(source: str, digest: str, archive: bytes, directory: str) -> None:
    if _watch is not None:
        return  # A worker or scheduler inside the kernel's process sees the files themselves.
    folder = Path(directory) / "modules" / digest
    _unpack(archive, folder)
    _replace(_in_force.get(source), folder)
    _in_force[source] = folder


def _unpack(archive: bytes, folder: Path) -> None:
    """Unpack whole or not at all; a folder that is there is complete."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = tempfile.mkdtemp(prefix=".unpack-", dir=folder.parent)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(temporary)
        os.rename(temporary, folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not folder.exists():
            raise


def _replace(previous: Path | None, folder: Path) -> None:
    """Put `folder` first on the path in place of `previous`, whose modules are forgotten."""
    old = None if previous is None else str(previous)
    sys.path[:] = [str(folder), *(p for p in sys.path if p not in (old, str(folder)))]
    # One of the same name, imported from elsewhere before, goes too: the notebook means its own.
    # Not for a folder without __init__.py, which hides nobody else's package.
    ours = {e.stem for e in folder.iterdir() if e.is_file() or (e / "__init__.py").exists()}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ours or (old is not None and _lies_in(module, old)):
            del sys.modules[name]
    importlib.invalidate_caches()


def _lies_in(module: Any, folder: str) -> bool:
    """Tell whether a module, or a package without a file, was imported from `folder`."""
    try:
        places = [module.__file__] if getattr(module, "__file__", None) else list(module.__path__)
    except (AttributeError, TypeError):
        return False
    return any(str(place).startswith(folder + os.sep) for place in places)


class _Watch:
    """The kernel's side: one folder, the clients seen, and what each of them has."""

    def __init__(self, folder: Path, addresses: tuple[str, ...]) -> None:
        self._folder = folder
        self._addresses = addresses
        place = f"{socket.gethostname()}\0{os.path.realpath(folder)}"
        self._source = hashlib.sha256(place.encode()).hexdigest()[:12]
        self._look: Look | None = None
        self._modules: ModuleSet | None = None
        self._said: set[str] = set()
        self._sent: WeakKeyDictionary[Client, str] = WeakKeyDictionary()

    async def connected(self, client: Client) -> None:
        """Send to a client that has just connected: its first task may be in the same cell."""
        address = client.scheduler.address
        if address.startswith(self._addresses) or is_ours(address):
            self._sent[client] = ""
            self._refresh()
            await self._send(client)

    def before_cell(self, _info: object = None) -> None:
        """Look again, and send what has changed to every client that lives."""
        clients = [client for client in list(self._sent) if client.status == "running"]
        if clients:
            self._refresh()
        for client in clients:
            if self._modules is None or self._sent[client] == self._modules.digest:
                continue
            # Of an asynchronous client (its loop is the kernel's, which cannot wait here) the
            # plugin is on its way before what the cell sends.
            if client.asynchronous:
                self._pending = asyncio.ensure_future(self._send(client))
            else:
                client.sync(self._send, client)

    async def _send(self, client: Client) -> None:
        modules = self._modules
        if modules is None or self._sent.get(client) == modules.digest:
            return
        try:
            for plugin in (ModulesOnScheduler, Modules):
                sending = client.register_plugin(plugin(self._source, modules))
                await asyncio.wait_for(sending, _SEND_SECONDS)
        except Exception as error:
            # The next cell tries again; meanwhile some workers may have them.
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            _say(f"the modules beside the notebook did not reach every worker ({reason}).")
        else:
            self._sent[client] = modules.digest

    def _refresh(self) -> None:
        found = look(self._folder)
        if found != self._look:
            modules = pack(self._folder, found)
            # Nothing there and nothing sent: nothing to send. An emptied folder is sent.
            if found.files or self._modules is not None:
                self._modules = modules
            self._look = found
        for sentence in found.skipped:
            if sentence not in self._said:
                self._said.add(sentence)
                _say(f"not sent to the workers: {sentence}.")


_watch: _Watch | None = None


def watch(folder: str | os.PathLike[str] = ".", addresses: tuple[str, ...] = OUR_ADDRESSES) -> None:
    """Keep the modules in `folder` on the workers of every client made from now on.

    For a kernel: hooks itself before every cell, where IPython runs. A second call takes the
    place of the first.

    Parameters
    ----------
    folder
        The notebook's.
    addresses
        How the addresses of schedulers begin that are meant.
    """
    global _watch
    import dask.config

    before, _watch = _watch, _Watch(Path(folder).absolute(), addresses)
    preloads = dask.config.get(_PRELOAD, [])
    if __name__ not in preloads:
        dask.config.set({_PRELOAD: [*preloads, __name__]})
    shell = _shell()
    if shell is not None:
        if before is not None:
            shell.events.unregister("pre_run_cell", before.before_cell)
        shell.events.register("pre_run_cell", _watch.before_cell)


async def dask_setup(client: Client) -> None:
    """Take a client on: distributed calls this for each one that connects (client.preload)."""
    if _watch is not None and hasattr(client, "register_plugin"):
        await _watch.connected(client)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _say(sentence: str) -> None:
    print(f"Sitespan: {sentence}", file=sys.stderr, flush=True)
