"""Enforces roles.py: a mixin by which distributed's servers look at who asks before they act."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from distributed.comm import Comm
from distributed.comm.addressing import get_address_host
from distributed.core import Server

from sitespan.roles import Rules

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Peer:
    """Who is at the other end of a stream, by its certificate."""

    role: str
    subject: str

    @classmethod
    def of(cls, comm: Comm) -> Peer:
        """Read the peer of a comm; one without a role may do nothing."""
        extra = comm.extra_info
        return cls(str(extra.get("role", "")), str(extra.get("subject", "")))


class RoleRefused(RuntimeError):
    """The peer's role has no need of what it asked; sent to it as the answer."""


STRANGER = Peer("", "")
_peer: ContextVar[Peer] = ContextVar("sitespan_peer", default=STRANGER)


class _Handlers(dict[str, Callable[..., Any]]):
    """distributed's table of handlers; what the current peer may not ask is found as a refusal."""

    def __init__(self, rules: Rules, allowed: Mapping[str, frozenset[str]], told: Told) -> None:
        super().__init__()
        self._bound = rules.bound
        self._allowed = allowed
        self._told = told
        # distributed caches by handler for good, so there is one wrapper an operation, not a call.
        self._refusals: dict[str, Callable[..., Any]] = {}
        self._checked: dict[tuple[str, Callable[..., Any]], Callable[..., Any]] = {}

    def __getitem__(self, op: str) -> Callable[..., Any]:
        peer = _peer.get()
        if op not in self._allowed.get(peer.role, ()):
            return self._refusal(op)
        handler = super().__getitem__(op)
        if op not in self._bound.get(peer.role, ()):
            return handler
        checked = self._checked.get((op, handler))
        if checked is None:
            checked = self._checked[op, handler] = _about_itself(op, handler, self._told)
        return checked

    def _refusal(self, op: str) -> Callable[..., Any]:
        known = op if op in self else "an unknown operation"
        refusal = self._refusals.get(known)
        if refusal is None:
            refusal = self._refusals[known] = self._new_refusal(known)
        return refusal

    def _new_refusal(self, op: str) -> Callable[..., Any]:
        def refused(**message: Any) -> None:
            raise RoleRefused(self._told.refused(_peer.get(), op))

        return refused


class _StreamHandlers(_Handlers):
    """The same for what comes in a stream: nobody waits for an answer, so it is dropped."""

    def _new_refusal(self, op: str) -> Callable[..., Any]:
        def dropped(**message: Any) -> None:
            self._told.refused(_peer.get(), op)

        return dropped


class Told:
    """Puts each refusal into the log, once for each peer and operation."""

    MOST = 10_000

    def __init__(self, server: str) -> None:
        self._server = server
        self._said: set[tuple[Peer, str]] = set()

    def refused(self, peer: Peer, what: str) -> str:
        """Log a refusal; return the sentence for the peer."""
        who = f"{peer.role or 'a stranger'} {peer.subject}".rstrip()
        sentence = f"The {self._server} refused {what} to {who}: its role has no need of that."
        if (peer, what) not in self._said and len(self._said) < self.MOST:
            self._said.add((peer, what))
            logger.warning("%s", sentence)
        return sentence


def _about_itself(op: str, handler: Callable[..., Any], told: Told) -> Callable[..., Any]:
    """Wrap a handler of an operation that a worker may ask only about itself."""

    def check(message: Mapping[str, Any]) -> None:
        peer = _peer.get()
        said = [message[name] for name in ("address", "worker") if message.get(name) is not None]
        if op == "retire_workers":  # without a list it would mean: whichever
            workers = message.get("workers")
            said += workers if isinstance(workers, (list, tuple)) and workers else [""]
        if any(_host(address) != peer.subject for address in said):
            raise RoleRefused(told.refused(peer, f"{op} about another"))

    if inspect.iscoroutinefunction(handler):

        @functools.wraps(handler)
        async def checked(*args: Any, **message: Any) -> Any:
            check(message)
            return await handler(*args, **message)

        return checked

    @functools.wraps(handler)
    def checked_at_once(*args: Any, **message: Any) -> Any:
        check(message)
        return handler(*args, **message)

    return checked_at_once


def _host(address: object) -> str:
    try:
        return str(get_address_host(str(address)))
    except (ValueError, TypeError):
        return ""


class Guarded(Server):
    """A mixin for distributed's servers: put it before ``Scheduler`` or ``Worker``; set `rules`.

    The peer of a stream is known by its comm, and a comm's messages are handled in tasks of its
    own; so the peer is kept in a context variable, and the tables of handlers look there.
    """

    rules: Rules
    handlers: dict[str, Callable[..., Any]]
    stream_handlers: dict[str, Callable[..., Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = Told(type(self).__name__)
        handlers, stream_handlers = self.handlers, self.stream_handlers
        self.handlers = _Handlers(self.rules, self.rules.operations, told)
        self.handlers.update(handlers)
        self.handlers["connection_stream"] = self.handle_stream
        self.stream_handlers = _StreamHandlers(self.rules, self.rules.stream, told)
        self.stream_handlers.update(stream_handlers)

    async def _handle_comm(self, comm: Comm) -> None:
        _peer.set(Peer.of(comm))
        await super()._handle_comm(comm)

    async def handle_stream(self, comm: Comm, extra: dict[str, Any] | None = None) -> None:
        """Handle what comes in a stream by what its peer may ask."""
        _peer.set(Peer.of(comm))
        await super().handle_stream(comm, extra)
