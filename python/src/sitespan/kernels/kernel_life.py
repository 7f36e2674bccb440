"""A kernel's life under its host: started, lost, ended, and started anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from .kernel import LAST_WORDS_SECONDS, Kernel, KernelFailed, ending


class KernelLife:
    """One kernel at a time, watched while it lives.

    Parameters
    ----------
    make
        Makes the next kernel, not yet started.
    work
        What is done with a kernel that is ready, until it has ended.
    said
        Called with ``starting``, ``ready`` and ``ended``; the last with a sentence of why, and
        only if nobody wished it.
    """

    def __init__(
        self,
        make: Callable[[], Kernel],
        work: Callable[[], Awaitable[None]],
        said: Callable[[Literal["starting", "ready", "ended"], str], None],
    ) -> None:
        self._make = make
        self._work = work
        self._said = said
        self._task: asyncio.Task[None] | None = None
        self.kernel = make()
        #: Not yet known while it starts.
        self.alive: bool | None = None
        #: While it is ended by wish, for good or for another.
        self.ending = False

    def start(self) -> None:
        """Start the kernel and its work."""
        self._task = asyncio.create_task(self._live())

    def renew(self) -> None:
        """Start another, once this one was ended."""
        self.alive = None
        self.kernel = self._make()
        self.start()

    async def end(self, *, at_work: bool) -> None:
        """End the kernel; its work may still take in what it says last, if it is `at_work`."""
        self.ending = True
        if self._task is not None and not at_work:
            self._task.cancel()
        await self.kernel.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.ending = False

    async def _live(self) -> None:
        self._said("starting", "")
        try:
            await self.kernel.start()
        except (KernelFailed, OSError) as error:
            self._lost(str(error))
            return
        self.alive = True
        self._said("ready", "")
        ended = asyncio.create_task(self.kernel.wait())
        work = asyncio.ensure_future(self._work())
        try:
            await asyncio.wait({ended, work}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                work.result()
            await asyncio.sleep(LAST_WORDS_SECONDS)
            if not self.ending:
                self._lost(f"The kernel ended ({ending(await ended)}).")
        finally:
            for task in (ended, work):
                task.cancel()
            await asyncio.gather(ended, work, return_exceptions=True)

    def _lost(self, sentence: str) -> None:
        if not self.ending and self.alive is not False:
            self.alive = False
            self._said("ended", sentence)
