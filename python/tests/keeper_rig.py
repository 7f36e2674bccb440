"""A keeper for tests of enrolment: at the real relay, and answers as it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sitespan.comm.dial import dial_control
from sitespan.comm.dial_blocking import dial_blocking
from sitespan.comm.prelude import ACCEPT_TARGET, control_target
from sitespan.identity import Identity

Answer = tuple[int, dict[str, Any]]


@dataclass
class Keeper:
    """What came, and what to answer: the status and the body for the n-th request."""

    identity: Identity
    answer: Callable[[int, dict[str, Any]], Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)
    _registered: threading.Event = field(default_factory=threading.Event)

    async def listen(self) -> None:
        reader, writer = await dial_control(self.identity, control_target("keeper:1"), "")
        try:
            while line := await reader.readline():
                said = json.loads(line)
                if said["op"] == "registered":
                    self._registered.set()
                elif said["op"] == "ping":
                    writer.write(b'{"op":"pong"}\n')
                elif said["op"] == "dial":
                    await asyncio.to_thread(self._accept, said["ticket"])
        finally:
            writer.close()

    def _accept(self, ticket: str) -> None:
        stream, _ = dial_blocking(self.identity, ACCEPT_TARGET, ticket, timeout=10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # a joiner has no certificate to show
        self._load(context)
        try:
            with context.wrap_socket(stream, server_side=True) as tls, tls.makefile("rwb") as file:
                length = 0
                while (line := file.readline().strip()) != b"":
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if length == 0:
                    return
                request = json.loads(file.read(length))
                status, body = self.answer(len(self.requests), request)
                self.requests.append(request)
                text = json.dumps(body).encode()
                head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(text)}\r\n\r\n"
                file.write(head.encode() + text)
        except OSError:
            pass  # the job hung up: for it to say why

    def _load(self, context: ssl.SSLContext) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"{self.identity.tls.cert}\n{self.identity.tls.key}")
            file.flush()
            context.load_cert_chain(file.name)


@contextmanager
def keeper(identity: Identity, answer: Callable[[int, dict[str, Any]], Answer]) -> Iterator[Keeper]:
    """Run a keeper in a thread, registered at the relay; stopped at the end."""
    running = Keeper(identity, answer)
    loop = asyncio.new_event_loop()
    task = loop.create_task(running.listen())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert running._registered.wait(10)
        yield running
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
