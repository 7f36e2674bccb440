"""One ipykernel over unix sockets: its process and its four channels."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session
from zmq.asyncio import Context, Socket
from zmq.constants import SocketType

#: The kernel's Python may lie on a cold network file system.
READY_SECONDS = 120.0
#: What a kernel said last is still on its way when its process has ended.
LAST_WORDS_SECONDS = 0.2
_GRACE_SECONDS = 2.5
#: A unix socket's path; of it "/k1234567-12345678/12345678-5" is below the folder that all share.
_PATH_LIMIT_BYTES = 107 - 29

#: What an editor leaves in the environment of what it starts, and what is another kernel's.
_LEFTOVERS = ("VSCODE_", "ELECTRON_", "CHROME_", "JPY_", "PYDEVD_", "TERM_PROGRAM", "GIT_ASKPASS")

Heard = Callable[[dict[str, Any]], None]


class KernelFailed(Exception):
    """The kernel did not start; its message is one sentence for a person."""


class Kernel:
    """An ipykernel of the Python that this runs in.

    It talks over sockets in a folder of its own, which nobody else can enter; messages are
    signed besides. It ends when this process does, even if that is killed: ipykernel watches
    its parent. It leads a session of its own, so that an interrupt reaches what it started
    (as Jupyter does it), and not its host.

    Parameters
    ----------
    cwd
        Where it works.
    environment
        Its environment: the host's, to be passed through `kernel_environment`.
    heard
        Called with each message, of whichever channel.
    """

    def __init__(self, cwd: Path, environment: dict[str, str], heard: Heard) -> None:
        self._cwd = cwd
        self._environment = environment
        self._heard = heard
        self._sockets = private_folder()
        self._session = Session(key=os.urandom(32).hex().encode())
        self._context = Context()
        self._channels: dict[str, Socket] = {}
        self._readers: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._probes: dict[str, set[str]] = {}
        self._ready = asyncio.Event()
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The kernel's process id, once started."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process and wait until it answers on every channel.

        Raises
        ------
        KernelFailed
            If it ends before that, or takes longer than two minutes.
        """
        connection = self._write_connection()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sitespan.kernels.launch", "-f", str(connection)),
            cwd=self._cwd,
            env={
                **self._environment,
                "JPY_PARENT_PID": str(os.getpid()),
                # Without it debugpy warns on stderr at every start of Python's frozen modules.
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            },
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        for name in ("iopub", "shell", "stdin"):
            self._readers.append(asyncio.create_task(self._read(name)))
        ended = asyncio.create_task(self._process.wait())
        ready = asyncio.create_task(self._wait_ready())
        await asyncio.wait({ended, ready}, timeout=READY_SECONDS, return_when="FIRST_COMPLETED")
        is_ready = self._ready.is_set()
        for task in (ended, ready):
            task.cancel()
        if is_ready:
            return
        if self._process.returncode is None:
            raise KernelFailed(f"The kernel did not answer within {READY_SECONDS:.0f} seconds.")
        raise KernelFailed(
            f"The kernel ended while it started ({ending(self._process.returncode)}); "
            "its own words are in the log."
        )

    async def wait(self) -> int:
        """Wait for the process to end; its exit code, negative for a signal."""
        if self._process is None:
            raise RuntimeError("the kernel was not started")
        return await self._process.wait()

    def execute(self, code: str, *, silent: bool = False, cell: str | None = None) -> str:
        """Send code to run; the id of the message, to which all that follows refers."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": not silent,
            "stop_on_error": True,
        }
        metadata = {} if cell is None else {"cellId": cell}
        return self._send("shell", "execute_request", content, metadata)

    def request(self, kind: str, content: dict[str, Any]) -> str:
        """Ask something on shell that runs no code of the user's; the id of the message."""
        return self._send("shell", kind, content)

    def answer(self, value: str) -> None:
        """Give the kernel the line that it asked for."""
        self._send("stdin", "input_reply", {"value": value, "status": "ok"})

    def interrupt(self) -> None:
        """Interrupt what runs, and what it started."""
        self._signal(signal.SIGINT)

    async def stop(self) -> None:
        """End the kernel: first by asking, then by force; and everything in its process group.

        Once it has ended, asking again does nothing.
        """
        if self._stopped:
            return
        self._stopped = True
        process = self._process
        if process is not None and process.returncode is None:
            self.interrupt()
            self._send("control", "shutdown_request", {"restart": False})
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        if process is not None:
            self._signal(signal.SIGKILL)
            await process.wait()
            await asyncio.sleep(LAST_WORDS_SECONDS)
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._context.destroy(linger=0)
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _write_connection(self) -> Path:
        path, connection = write_connection_file(
            str(self._sockets / "connection.json"),
            ip=str(self._sockets / "s"),
            key=self._session.key,
            transport="ipc",
            kernel_name="python3",
        )
        for name in ("shell", "control", "stdin", "iopub"):
            kind = SocketType.SUB if name == "iopub" else SocketType.DEALER
            channel = self._context.socket(kind)
            # The host reads everything, however late: by default zmq drops what is beyond 1,000.
            channel.rcvhwm = 0
            # stdin is answered to the identity that asked on shell, so they must be one.
            channel.identity = self._session.bsession
            if kind == SocketType.SUB:
                channel.subscribe(b"")
            channel.connect(f"ipc://{connection['ip']}-{connection[f'{name}_port']}")
            self._channels[name] = channel
        return Path(path)

    def _send(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        metadata: dict[str, Any] | None = None,
    ) -> str:
        message = self._session.msg(kind, content, metadata=metadata)
        self._session.send(self._channels[channel], message)
        return str(message["header"]["msg_id"])

    async def _read(self, name: str) -> None:
        channel = self._channels[name]
        while True:
            frames = await channel.recv_multipart()
            try:
                _, parts = self._session.feed_identities(frames)
                message = self._session.deserialize(parts)
            except ValueError as error:
                # Unsigned or torn: not the kernel's, or of no use.
                print(f"A message on {name} was dropped: {error}", file=sys.stderr, flush=True)
                continue
            seen = self._probes.get(message["parent_header"].get("msg_id", ""))
            if seen is None:
                self._heard(message)
            else:
                seen.add(name)
                if {"iopub", "shell"} <= seen:
                    self._ready.set()

    async def _wait_ready(self) -> None:
        # iopub has no history: only a probe that was heard on both channels proves that from now
        # on nothing is missed.
        while not self._ready.is_set():
            self._probes[self._send("shell", "kernel_info_request", {})] = set()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._ready.wait(), 0.5)

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def kernel_environment(environment: dict[str, str]) -> dict[str, str]:
    """Return `environment` without what an editor, or another kernel, left there for itself."""
    kept = {k: v for k, v in environment.items() if not k.startswith(_LEFTOVERS)}
    # VS Code points it at a script of its own for terminals, which IPython would run.
    if "vscode" in kept.get("PYTHONSTARTUP", ""):
        del kept["PYTHONSTARTUP"]
    return kept


def ending(code: int) -> str:
    """Say an exit code in words: negative ones are signals."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        name = signal.Signals(-code).name
        return f"{name}: out of memory?" if name == "SIGKILL" else name
    return f"signal {-code}"


def private_folder() -> Path:
    """Make a folder with a short path that only this user can enter.

    Raises
    ------
    KernelFailed
        If ``/tmp/sitespan-<uid>`` is not ours alone and ``XDG_RUNTIME_DIR`` is of no use.
    """
    candidates = [Path(tempfile.gettempdir()), Path("/tmp")]
    parents = [folder / f"sitespan-{os.getuid()}" for folder in candidates]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        parents.insert(0, Path(runtime) / "sitespan")
    for parent in parents:
        if len(os.fsencode(parent)) > _PATH_LIMIT_BYTES:
            continue
        with contextlib.suppress(OSError):
            parent.mkdir(mode=0o700, exist_ok=True)
            found = parent.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if ours and not found.st_mode & 0o077:
                _sweep(parent)
                return Path(tempfile.mkdtemp(prefix=f"k{os.getpid()}-", dir=parent))
    raise KernelFailed(
        f"There is no private folder for the kernel's sockets: {parents[-1]} must belong to you "
        "and have mode 0700, or XDG_RUNTIME_DIR must name a folder that does."
    )


def _sweep(parent: Path) -> None:
    """Remove what hosts left that were killed; the name says whose it was."""
    for folder in parent.glob("k[0-9]*-*"):
        with contextlib.suppress(ValueError, PermissionError):
            try:
                os.kill(int(folder.name[1:].partition("-")[0]), 0)
            except ProcessLookupError:
                shutil.rmtree(folder, ignore_errors=True)
