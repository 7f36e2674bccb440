"""Run a cluster's Jupyter server: ``python -m sitespan.jupyter --folder F --name CLUSTER``.

In its folder it finds ``token``, and when it answers it writes ``http.json``. Its kernels get this
process's environment, in which the keeper has put what a client of the cluster needs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from sitespan.private_files import read_token

_NEEDED = ("jupyter_server", "ipykernel", "distributed")


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop; the exit code: 0, or 2 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.jupyter", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="token; http.json is written")
    parser.add_argument("--name", required=True, help="the cluster's")
    given = parser.parse_args(arguments)
    folder: Path = given.folder.absolute()
    (folder / "http.json").unlink(missing_ok=True)
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"sitespan: {sys.executable} has no {' and no '.join(missing)}.", file=sys.stderr)
        return 2
    # Only now, for they need what was looked for.
    from sitespan.jupyter.server import serve
    from sitespan.kernels.kernel import KernelFailed, kernel_environment, private_folder

    try:
        token = read_token(folder / "token")
        sockets = private_folder()
    except (KernelFailed, OSError, ValueError) as error:
        print(f"sitespan: {error}", file=sys.stderr)
        return 2
    environment = kernel_environment(dict(os.environ))
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    try:
        serve(folder, given.name, token, sockets)
    finally:
        shutil.rmtree(sockets, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
