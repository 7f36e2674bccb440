"""The user's modules beside the notebook, looked at by the kernel before its first cell."""

from __future__ import annotations

import asyncio

from .kernel import Kernel
from .requests import Requests

#: It imports distributed, which may lie on a cold network file system.
_SECONDS = 60.0

# Leaves no name in the user's namespace.
_WATCH = "__import__('sitespan.modules', fromlist=['watch']).watch()"


async def watch_modules(kernel: Kernel, requests: Requests) -> str | None:
    """Have `kernel` watch the modules beside its notebook (`sitespan.modules`).

    Returns
    -------
    str or None
        A sentence, where that does not work: cells run all the same.
    """
    message = kernel.execute(_WATCH, silent=True)
    try:
        reply = await asyncio.wait_for(requests.over(message), _SECONDS)
    except asyncio.TimeoutError:
        reply = {"ename": "no answer", "evalue": f"after {_SECONDS:.0f} s"}
    if reply.get("status") == "ok":
        return None
    error = f"{reply.get('ename')}: {reply.get('evalue')}"
    return f"The modules beside the notebook are not sent to the workers ({error})."
