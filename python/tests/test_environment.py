"""What an environment says of itself, and that an old one can still say it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import rig
from sitespan import environment

OLD_PYTHON_MAY_READ = [
    "__init__.py",
    "environment.py",
    "enrol.py",
    "worker.py",
    "identity.py",
    "comm/dial_blocking.py",
    "comm/prelude.py",
    "comm/step_down.py",
]


def test_prints_itself_as_json() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "sitespan.environment"],
        env=rig.environment(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(printed.stdout)
    assert found["python"] == platform.python_version()
    assert found["machine"] == platform.machine()
    assert found["packages"]["distributed"] == version("distributed")
    assert set(found["packages"]) == set(environment.PACKAGES)


def test_an_absent_package_has_no_version() -> None:
    assert environment.version_of("no-such-package-of-ours") is None


def test_finds_root_by_its_header_where_there_is_no_root_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = tmp_path / "ROOT" / "include" / "ROOT" / "RVersion.hxx"
    header.parent.mkdir(parents=True)
    header.write_text(
        "#define ROOT_VERSION_MAJOR 6\n#define ROOT_VERSION_MINOR 4\n#define ROOT_VERSION_PATCH 0\n"
    )
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert environment.root_version() == "6.04.00"


def test_believes_root_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "root-config"
    command.write_text("#!/bin/sh\necho 6.40/00\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.root_version() == "6.40.00"


@pytest.mark.parametrize("file", OLD_PYTHON_MAY_READ)
def test_python_3_6_can_read_what_runs_before_enrolment(file: str) -> None:
    checked = subprocess.run(
        [
            Path(sys.executable).with_name("vermin"),
            "-q",
            "-t=3.6-",
            "--no-tips",
            rig.SOURCE / "sitespan" / file,
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout


def test_before_enrolment_nothing_but_the_standard_library_is_loaded() -> None:
    code = (
        "import sys, sitespan.worker; print({'dask', 'distributed', 'tornado'} & set(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env=rig.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert printed.stdout.strip() == "set()"
