"""What a probe's job says from inside of an environment: ``python -m sitespan.probe HOST:PORT``.

One line a fact, ``sitespan-probe name=value``; the keeper judges them. Standard library only and no
syntax younger than Python 3.6, because this is also how a site with an old Python says so.
"""

import json
import socket
import sys

from sitespan.environment import describe
from sitespan.node import find_node

LIMIT_SECONDS = 15.0


def main(arguments: "list[str] | None" = None) -> int:
    """Print what a worker would find here; return 0 whatever it is."""
    [relay] = sys.argv[1:] if arguments is None else arguments
    say("environment", json.dumps(describe(), sort_keys=True))
    say("node", json.dumps(find_node(), sort_keys=True))
    say("relay", reach(relay))
    return 0


def reach(address: str, limit_seconds: float = LIMIT_SECONDS) -> str:
    """Return ``reached`` if something takes connections at ``host:port``, else why not."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), limit_seconds).close()
    except ConnectionRefusedError:
        return "refused"
    except socket.timeout:  # noqa: UP041 - before Python 3.10 it is no TimeoutError
        return f"no answer within {limit_seconds:.0f} s"
    except socket.gaierror:
        return f"the name {host} is not known there"
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    return "reached"


def say(name: str, value: str) -> None:
    """Print one fact on a line of its own."""
    print(f"sitespan-probe {name}={value}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
