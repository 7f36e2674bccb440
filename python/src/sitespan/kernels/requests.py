"""What the kernel was asked: over with the reply, and the idle, that belong to it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

#: Output is complete with reply and idle. If idle was lost, silence after the reply must do.
_IDLE_SECONDS = 10.0

#: Replies that end a request.
REPLIES = ("execute_reply", "complete_reply", "inspect_reply")


@dataclass
class _Open:
    reply: dict[str, Any] | None = None
    idle: bool = False
    change: asyncio.Event = field(default_factory=asyncio.Event)


class Requests:
    """The requests that a kernel works on, by the ids of their messages."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def heard(self, parent: str | None, kind: str, content: dict[str, Any]) -> None:
        """Take in a message of the kernel's; `parent` is the id of what it belongs to."""
        one = self._open.get(parent or "")
        if one is None:
            return
        if kind in REPLIES:
            one.reply = content
        elif kind == "status" and content["execution_state"] == "idle":
            one.idle = True
        one.change.set()

    def over(self, message: str, *, needs_idle: bool = True) -> Coroutine[Any, Any, dict[str, Any]]:
        """Wait until a request that was just sent is over; the reply's content.

        Called at once after sending, it misses nothing, however late it is awaited.

        Parameters
        ----------
        message
            Its id.
        needs_idle
            Whether what it shows is waited for, and not its reply alone.
        """
        self._open[message] = _Open()
        return self._over(message, needs_idle)

    async def _over(self, message: str, needs_idle: bool) -> dict[str, Any]:
        one = self._open[message]
        try:
            while one.reply is None or (needs_idle and not one.idle):
                one.change.clear()
                limit = None if one.reply is None else _IDLE_SECONDS
                try:
                    await asyncio.wait_for(one.change.wait(), limit)
                except asyncio.TimeoutError:
                    break
        finally:
            del self._open[message]
        return one.reply or {}
