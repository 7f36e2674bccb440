"""How much an analysis will process, said by itself, so that others can say how much is left.

Carried by Dask's own event log, whose topics a client may name as it likes: any cluster takes it,
and one that is not ours does nothing with it. See docs/throughput.md.
"""

from __future__ import annotations

from distributed import default_client

TOPIC = "sitespan-expect"


def expect(files: int | None = None, events: int | None = None) -> None:
    """Say how much the analysis that begins now will process.

    Parameters
    ----------
    files, events
        How many; None for what is not known. Both None: no longer anything in particular.

    Raises
    ------
    ValueError
        A number is negative, or this process has no ``distributed.Client`` yet.
    """
    for name, number in (("files", files), ("events", events)):
        if number is not None and number < 0:
            raise ValueError(f"{name} must not be negative, and is {number}.")
    default_client().log_event(TOPIC, {"files": files, "events": events})
