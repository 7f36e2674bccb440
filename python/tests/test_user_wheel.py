"""The wheel that users install, in an environment of its own, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import api_rig
import rig

#: What an installed package must not need.
FROM_HERE = ("PYTHONPATH", "SITESPAN_PROGRAM", "SITESPAN_NODE", "VIRTUAL_ENV")


def only_wheel(folder: Path) -> Path:
    [found] = folder.glob("*.whl")
    return found


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def installed_by(*pip: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *pip],
        check=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A virtual environment with the wheel in it; the packages that it needs are borrowed."""
    folder = tmp_path_factory.mktemp("user") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    wheel = only_wheel(rig.PROJECT / "dist" / "pypi")
    installed_by(
        *("--python", str(folder / "bin" / "python")),
        *("install", "--no-index", "--no-deps", "--no-compile", str(wheel)),
    )
    [site] = folder.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with api_rig.own_home():
        yield folder


def run(environment: Path, folder: Path, command: str, *arguments: str) -> str:
    variables = {name: value for name, value in os.environ.items() if name not in FROM_HERE}
    ran = subprocess.run(
        [environment / "bin" / command, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_holds_the_program_and_the_lean_wheel_which_holds_neither() -> None:
    names = names_in(only_wheel(rig.PROJECT / "dist" / "pypi"))
    lean = only_wheel(rig.PROJECT / "dist")
    assert {"sitespan/bundle/cli.mjs", f"sitespan/bundle/{lean.name}"} <= names
    assert "sitespan/bundle/python/sitespan/worker.py" in names
    assert not any("bundle" in name for name in names_in(lean))
    assert "sitespan/py.typed" in names & names_in(lean)
    assert lean.stat().st_size < 500_000  # every job carries it


def test_brings_the_terminal(environment: Path, tmp_path: Path) -> None:
    assert "no clusters" in run(environment, tmp_path, "sitespan", "list")


def test_makes_a_cluster_that_computes(environment: Path, tmp_path: Path) -> None:
    code = (
        "import sitespan\n"
        "from distributed import Client\n"
        "with sitespan.Cluster('mine', n_workers=1) as cluster, Client(cluster) as client:\n"
        "    import sys\n"
        "    assert client.submit(lambda: sys.prefix).result(timeout=60) == sys.prefix\n"
        "    print(sitespan.__file__, client.submit(sum, [1, 2]).result(timeout=60))\n"
    )
    place, three = run(environment, tmp_path, "python", "-c", code).split()
    assert place.startswith(str(environment)) and three == "3"
    assert "no clusters" in run(environment, tmp_path, "sitespan", "list")
