"""What ``Cluster.adapt`` gives back: the bounds, and a way to end it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any


class Adaptation:
    """One pool that the keeper scales by the work there is; it goes on when this process has ended.

    In the place of ``distributed.deploy.Adaptive``, of which tools read `minimum` and `maximum`
    and call `stop`. Can be awaited: then the keeper has agreed.
    """

    def __init__(
        self,
        minimum: int,
        maximum: int,
        agreed: Awaitable[None] | None,
        stop: Callable[[], Any],
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self._agreed = agreed
        self._stop = stop

    def stop(self) -> Any:
        """Keep the number of workers that is wanted now."""
        return self._stop()

    def __await__(self) -> Generator[Any, None, Adaptation]:
        if self._agreed is not None:
            yield from self._agreed.__await__()
        return self

    def __repr__(self) -> str:
        return f"Adaptation(minimum={self.minimum}, maximum={self.maximum})"
