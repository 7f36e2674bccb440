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


def test_python_3_6_can_read_what_runs_before_enrolment() -> None:
    code = (
        "import sys, sitespan.worker, sitespan.environment, sitespan.probe;"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'sitespan'])"
    )
    printed = rig.printed_by(code)
    files = {Path(file) for file in printed.split()}
    names = {str(file.relative_to(rig.SOURCE / "sitespan")) for file in files}
    assert {"worker.py", "environment.py", "enrol.py", "comm/dial_blocking.py"} <= names
    checked = vermin(*files)
    assert checked.returncode == 0, checked.stdout


def test_younger_syntax_is_noticed(tmp_path: Path) -> None:
    young = tmp_path / "young.py"
    young.write_text("if (found := 1):\n    print(found)\n")
    assert vermin(young).returncode != 0


def vermin(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("vermin"), "-q", "-t=3.6-", "--no-tips", *files]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_before_enrolment_nothing_but_the_standard_library_is_loaded() -> None:
    code = (
        "import sys, sitespan.worker; print({'dask', 'distributed', 'tornado'} & set(sys.modules))"
    )
    printed = rig.printed_by(code)
    assert printed == "set()"
