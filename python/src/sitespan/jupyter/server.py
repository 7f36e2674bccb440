"""A Jupyter server whose settings are all ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jupyter_server
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config

from sitespan.jupyter.kernel_spec import (
    ClusterKernelSpecs,
    SocketKernelManager,
    write_kernel_spec,
)
from sitespan.private_files import write_private

HOST = "127.0.0.1"
# This trait takes no class, only a name.
_KERNELS = f"{SocketKernelManager.__module__}.{SocketKernelManager.__name__}"


class ClusterServer(ServerApp):
    """A ``ServerApp`` that no file of the user's, the system's or the environment's configures.

    What is set there is meant for other servers: a password, an address that all can reach, an
    extension that lets more people in. Nor does it write its token anywhere.
    """

    @property
    def config_file_paths(self) -> list[str]:
        """No folder is looked into."""
        return []

    def migrate_config(self) -> None:
        """There is nothing of old to bring along."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """No file is read."""

    def find_server_extensions(self) -> None:
        """No extension is looked for."""

    def write_server_info_file(self) -> None:
        """Jupyter's list of running servers has their tokens; this one is not in it."""

    def write_browser_open_files(self) -> None:
        """Nor is there a file with an address that has the token in it."""


def serve(folder: Path, cluster: str, token: str, sockets: Path) -> None:
    """Run a cluster's server until SIGTERM.

    Parameters
    ----------
    folder
        The server's own: here it keeps all it has, and says in ``http.json`` where it listens.
    cluster
        Name of the cluster, which the kernel is called by.
    token
        What a caller must show.
    sockets
        A folder with a short path that only this user can enter, for the kernels' sockets.
    """
    data = folder / "data"
    kernel = write_kernel_spec(data / "kernels", cluster)
    listening = bind_sockets(0, HOST)
    port = listening[0].getsockname()[1]
    server = ClusterServer(
        config=_settings(kernel, data, token, port),
        config_dir=str(folder / "config"),
        data_dir=str(data),
        runtime_dir=str(sockets),
    )
    server.initialize(argv=[], find_extensions=False, new_httpserver=False)
    http = HTTPServer(server.web_app, max_body_size=server.max_body_size)
    http.add_sockets(listening)
    about = {"port": port, "pid": os.getpid(), "version": jupyter_server.__version__}
    server.io_loop.add_callback(write_private, folder / "http.json", about)
    server.start()
    http.stop()


def _settings(kernel: str, data: Path, token: str, port: int) -> Config:
    home = Path.home()
    return Config(
        {
            "ServerApp": {
                "ip": HOST,
                "port": port,
                "allow_remote_access": False,
                "allow_unauthenticated_access": False,
                # It is as safe as the user's own processes are, whoever the user is.
                "allow_root": True,
                "open_browser": False,
                "terminals_enabled": False,
                "quit_button": False,
                # Else it lies in a file.
                "cookie_secret": os.urandom(32),
                "root_dir": str(home if home.is_dir() else data),
                "kernel_spec_manager_class": ClusterKernelSpecs,
                "log_level": "WARN",
            },
            "IdentityProvider": {"token": token},
            "PasswordIdentityProvider": {"hashed_password": "", "allow_password_change": False},
            # A notebook that prints much would lose some of it.
            "ZMQChannelsWebsocketConnection": {"limit_rate": False},
            "AsyncMappingKernelManager": {
                "kernel_manager_class": _KERNELS,
                "default_kernel_name": kernel,
            },
            "KernelSpecManager": {"ensure_native_kernel": False},
            "NotebookNotary": {"secret": os.urandom(32), "db_file": ":memory:"},
        }
    )
