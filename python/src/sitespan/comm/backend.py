"""What distributed loads for ``relay://`` (entry point ``distributed.comm.backends``)."""

from __future__ import annotations

from typing import Any

from distributed.comm.addressing import parse_host_port, unparse_host_port
from distributed.comm.registry import Backend

from sitespan.comm.connector import RelayConnector
from sitespan.comm.listener import Handler, RelayListener
from sitespan.identity import Identity


class RelayBackend(Backend):
    """Comms over the relay. Locations are ``<subject>:<number>``."""

    def get_connector(self) -> RelayConnector:
        """Return what opens comms."""
        return RelayConnector()

    def get_listener(
        self, loc: str, handle_comm: Handler, deserialize: bool, **connection_args: Any
    ) -> RelayListener:
        """Return a listener; of `loc` only the number counts."""
        return RelayListener(loc, handle_comm, deserialize, **connection_args)

    def get_address_host(self, loc: str) -> str:
        """Return the subject: distributed takes equal hosts for one machine, and ours are not."""
        return str(parse_host_port(loc, 0)[0])

    def get_address_host_port(self, loc: str) -> tuple[str, int]:
        """Return subject and number."""
        host, port = parse_host_port(loc)
        return str(host), int(port)

    def resolve_address(self, loc: str) -> str:
        """Return `loc` in its one form.

        Raises
        ------
        ValueError
            It has no number: the scheduler tells ``workers="host"`` from an address by that.
        """
        return str(unparse_host_port(*parse_host_port(loc)))

    def get_local_address_for(self, loc: str) -> str:
        """Return our own subject, whatever is to be reached."""
        return Identity.current().credential.subject
