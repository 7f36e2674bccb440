"""Which cluster a process belongs to: that of its kernel."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sitespan.identity import ENVIRONMENT_VARIABLE


def own_cluster() -> str | None:
    """Return the name of the cluster whose kernel this process is, if it is one."""
    identity = os.environ.get(ENVIRONMENT_VARIABLE)
    if not identity:
        return None
    # <cluster>/kernels/<id>/identity.json
    settings = Path(identity).parent.parent.parent / "cluster.json"
    try:
        return str(json.loads(settings.read_text("utf-8"))["name"])
    except (OSError, ValueError, KeyError):
        return None
