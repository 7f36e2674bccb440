"""A listener's control connection: it stays registered at the relay, and hears who calls."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import random
import time
from collections.abc import Callable
from typing import NamedTuple

from sitespan.comm.dial import dial_control
from sitespan.comm.prelude import Refused, control_target
from sitespan.identity import Identity

logger = logging.getLogger("distributed.comm.relay")

_REGISTER_SECONDS = 10.0
_LAST_DELAY_SECONDS = 2.0


class Call(NamedTuple):
    """Somebody waits for us: who, by the relay's word, and the ticket to meet them."""

    ticket: str
    caller: str
    role: str


class Control:
    """Keeps one id registered until `stop`, through losses of the relay.

    Attributes
    ----------
    id : str
        ``<subject>:<number>``, as the relay gave it.
    up_since : float or None
        When it registered last (``time.monotonic``); None while it is not.
    """

    def __init__(self, identity: Identity, wanted: str, on_call: Callable[[Call], None]) -> None:
        self.id = wanted
        self.up_since: float | None = None
        self._identity, self._on_call = identity, on_call
        self._cookie = ""
        self._ping_seconds = 10.0
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, limit: float) -> asyncio.StreamReader:
        """Register, trying for `limit` seconds while the relay cannot be reached.

        Raises
        ------
        OSError
            With errno ``EADDRINUSE`` where the id is another's; `Refused` or the last failure.
        """
        deadline, delay = time.monotonic() + limit, 0.05
        while True:
            try:
                return await self._register()
            except (OSError, asyncio.TimeoutError) as error:
                if isinstance(error, Refused):
                    if error.code == "id-in-use":
                        text = f"relay://{self.id} is in use by another process."
                        raise OSError(errno.EADDRINUSE, text) from error
                    if error.final:
                        raise
                if time.monotonic() + delay > deadline:
                    raise OSError(f"Cannot listen as relay://{self.id}: {error}") from error
            await asyncio.sleep(random.uniform(0, delay))
            delay = min(_LAST_DELAY_SECONDS, delay * 2)

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Hear calls, and register again after each loss, until cancelled or refused for good."""
        while True:
            try:
                await self._hear(reader)
            except (OSError, asyncio.TimeoutError, ValueError) as error:
                logger.warning("Lost the relay (%s); registering again as %s", error, self.id)
            self._drop()
            delay = 0.05
            while self._writer is None:
                await asyncio.sleep(random.uniform(delay / 2, delay))
                delay = min(_LAST_DELAY_SECONDS, delay * 2)
                try:
                    reader = await self._register()
                    logger.info("Registered again as %s", self.id)
                except (OSError, asyncio.TimeoutError, ValueError) as error:
                    if isinstance(error, Refused) and error.final and error.code != "stranger":
                        logger.error("No longer reachable as relay://%s: %s", self.id, error)
                        return
                    logger.debug("The relay is not back yet: %s", error)

    def stop(self) -> None:
        """Give the id up."""
        writer = self._writer
        if writer is not None and not writer.is_closing():
            writer.write(b'{"op":"bye"}\n')
        self._drop(abruptly=False)

    async def _register(self) -> asyncio.StreamReader:
        target = control_target(self.id)
        reader, writer = await asyncio.wait_for(
            dial_control(self._identity, target, self._cookie), _REGISTER_SECONDS
        )
        try:
            first = json.loads(await asyncio.wait_for(reader.readline(), _REGISTER_SECONDS))
            self.id, self._cookie = str(first["id"]), str(first["cookie"])
            self._ping_seconds = float(first["pingMs"]) / 1000
        except (KeyError, TypeError, ValueError) as error:
            writer.transport.abort()
            raise ConnectionError("The relay's first control line is malformed.") from error
        except BaseException:
            writer.transport.abort()
            raise
        self._writer, self.up_since = writer, time.monotonic()
        return reader

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while self._writer is not None:
            line = await asyncio.wait_for(reader.readline(), 3 * self._ping_seconds)
            if not line.endswith(b"\n"):
                raise ConnectionResetError("the control connection was closed")
            said = json.loads(line)
            operation = said.get("op") if isinstance(said, dict) else None
            if operation == "ping":
                self._writer.write(b'{"op":"pong"}\n')
            elif operation == "dial":
                names = (said.get("ticket"), said.get("from"), said.get("role"))
                if all(isinstance(name, str) for name in names):
                    self._on_call(Call(*names))

    def _drop(self, abruptly: bool = True) -> None:
        writer, self._writer, self.up_since = self._writer, None, None
        if writer is not None:
            if abruptly:
                writer.transport.abort()
            else:
                writer.close()
