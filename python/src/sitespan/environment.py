"""What a Python can do for a Dask cluster: ``python -m sitespan.environment`` prints it as JSON.

Standard library only and no syntax younger than Python 3.6, because this is also how an environment
that is too old says so. Shape: docs/architecture.md, "Enrolment".
"""

import glob
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
from typing import Any

PACKAGES = ("dask", "distributed", "cloudpickle", "msgpack", "numpy", "awkward", "coffea", "uproot")
# What kernels and those who run them need; not compared between cluster and workers.
NOTEBOOK_PACKAGES = ("ipykernel", "jupyter_client", "jupyter_server")


def version_of(package: str) -> "str | None":
    """Return the installed version of a distribution without importing it, or None."""
    try:
        metadata = importlib.import_module("importlib.metadata")
        found = metadata.version(package)
    except ImportError:  # before Python 3.8, and (PackageNotFoundError) where the package is absent
        try:
            found = importlib.import_module("pkg_resources").get_distribution(package).version
        except Exception:
            return None
    except Exception:  # a broken dist-info must not hide the rest
        return None
    return None if found is None else str(found)


def root_version() -> "str | None":
    """Return ROOT's version, e.g. ``6.40.00``, or None. Does not load ROOT: that takes seconds."""
    try:
        config = shutil.which("root-config")
        if config is not None:
            output = subprocess.check_output(
                [config, "--version"], stderr=subprocess.DEVNULL, timeout=20
            )
            return output.decode("ascii", "replace").strip().replace("/", ".") or None
    except (OSError, subprocess.SubprocessError):
        pass
    for folder in sys.path:  # the pip wheel brings no root-config
        for inner in (("ROOT", "include", "ROOT"), ("ROOT", "include"), ("include", "ROOT")):
            for header in glob.glob(os.path.join(glob.escape(folder), *inner, "RVersion*")):
                found = _version_in(header)
                if found is not None:
                    return found
    return None


def _version_in(header: str) -> "str | None":
    numbers: dict[str, str] = {}
    try:
        with open(header, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                words = line.split()
                if (
                    len(words) >= 3
                    and words[0] == "#define"
                    and words[1].startswith("ROOT_VERSION_")
                ):
                    numbers[words[1][len("ROOT_VERSION_") :]] = words[2]
    except OSError:
        return None
    try:
        return "{}.{}.{}".format(
            numbers["MAJOR"], numbers["MINOR"].zfill(2), numbers["PATCH"].zfill(2)
        )
    except KeyError:
        return None


def describe() -> "dict[str, Any]":
    """Describe this interpreter: version, executable, machine, the packages that matter, ROOT."""
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "machine": platform.machine(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "root": root_version(),
        "notebook": {name: version_of(name) for name in NOTEBOOK_PACKAGES},
    }


if __name__ == "__main__":
    json.dump(describe(), sys.stdout, sort_keys=True)
    sys.stdout.write("\n")
