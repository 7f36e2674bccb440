"""The one kernel that a cluster's Jupyter server offers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager


def write_kernel_spec(kernels: Path, cluster: str) -> str:
    """Write the kernel's description into a folder of such, and return its name.

    It is this Python, and whatever it needs to find the cluster is in the server's environment.
    """
    # Jupyter lists them in lower case.
    name = f"sitespan-{cluster.lower()}"
    spec = {
        "argv": [sys.executable, "-m", "sitespan.kernels.launch", "-f", "{connection_file}"],
        "display_name": f"{cluster} (Sitespan)",
        "language": "python",
        "metadata": {"debugger": True},
    }
    folder = kernels / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return name


class ClusterKernelSpecs(KernelSpecManager):
    """The kernels described in the server's own folder, and none of the user's or the system's."""

    def _kernel_dirs_default(self) -> list[str]:
        return [str(Path(self.parent.data_dir, "kernels"))]


class SocketKernelManager(ServerKernelManager):
    """A kernel over unix sockets beside its connection file, which nobody else can open.

    Jupyter's own way is five TCP ports on 127.0.0.1, open to everybody on the computer.
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**{**traits, "transport": "ipc"})

    def _ip_default(self) -> str:
        # Short: the system cuts a longer path off.
        file = Path(self.connection_file)
        return str(file.with_name(file.stem.removeprefix("kernel-")[:8]))
