from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from sitespan import module_set
from sitespan.module_set import look, pack


def write(path: Path, text: str = "x = 1\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_modules_and_packages_beside_the_notebook_are_found(tmp_path: Path) -> None:
    for name in ("one.py", "utils/__init__.py", "utils/deep/cuts.py", "plain/tools.py"):
        write(tmp_path / name)
    found = look(tmp_path)
    assert sorted(found.files) == [
        "one.py",
        "plain/tools.py",
        "utils/__init__.py",
        "utils/deep/cuts.py",
    ]
    assert found.skipped == ()


def test_what_is_no_module_of_the_users_is_left_out_silently(tmp_path: Path) -> None:
    for name in (
        "analysis.ipynb",
        "data.root",
        "not-a-name.py",
        ".hidden/secret.py",
        "utils/__pycache__/cached.py",
        "utils/values.json",
        "node_modules/x.py",
        "pictures/a.png",
    ):
        write(tmp_path / name)
    write(tmp_path / "myenv/pyvenv.cfg")
    write(tmp_path / "myenv/lib.py")
    write(tmp_path / "utils/real.py")
    found = look(tmp_path)
    assert list(found.files) == ["utils/real.py"]
    assert found.skipped == ()


def test_what_is_too_large_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_set, "FILE_LIMIT_BYTES", 100)
    monkeypatch.setattr(module_set, "PACKAGE_LIMIT_BYTES", 150)
    monkeypatch.setattr(module_set, "PACKAGE_LIMIT_ENTRIES", 5)
    write(tmp_path / "large.py", "#" * 101)
    write(tmp_path / "heavy/a.py", "#" * 80)
    write(tmp_path / "heavy/b.py", "#" * 80)
    for number in range(9):
        write(tmp_path / f"many/m{number}.py", "")
    write(tmp_path / "small.py")
    found = look(tmp_path)
    assert list(found.files) == ["small.py"]
    assert [sentence.split()[0] for sentence in found.skipped] == ["large.py", "heavy", "many"]


def test_the_sum_has_a_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_set, "TOTAL_LIMIT_BYTES", 150)
    write(tmp_path / "a.py", "#" * 100)
    write(tmp_path / "b.py", "#" * 100)
    found = look(tmp_path)
    assert list(found.files) == ["a.py"]
    assert "b.py" in found.skipped[0]


def test_a_heap_of_data_does_not_hide_the_package_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module_set, "LOOK_LIMIT_ENTRIES", 20)
    for number in range(50):
        write(tmp_path / f"data/{number}.root", "")
    write(tmp_path / "utils/__init__.py")
    assert list(look(tmp_path).files) == ["utils/__init__.py"]


def test_a_module_that_would_hide_one_of_the_workers_is_left_out_and_said(tmp_path: Path) -> None:
    write(tmp_path / "asyncio.py")
    write(tmp_path / "distributed/__init__.py")
    found = look(tmp_path)
    assert found.files == {}
    assert len(found.skipped) == 2


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "shared/common.py")
    notebook = tmp_path / "notebook"
    notebook.mkdir()
    os.symlink(tmp_path / "shared", notebook / "utils")
    os.symlink(notebook / "utils", tmp_path / "shared" / "again")
    os.symlink(notebook / "loop.py", notebook / "loop.py")
    assert list(look(notebook).files) == ["utils/common.py"]


def test_the_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name / "utils/cuts.py", "pt = 25\n")
    os.utime(tmp_path / "second/utils/cuts.py", (1, 1))
    first, second = (pack(tmp_path / n, look(tmp_path / n)) for n in ("first", "second"))
    assert first == second
    write(tmp_path / "second/utils/cuts.py", "pt = 30\n")
    assert pack(tmp_path / "second", look(tmp_path / "second")).digest != first.digest


def test_an_edit_is_seen_by_the_look_alone(tmp_path: Path) -> None:
    write(tmp_path / "cuts.py", "pt = 25\n")
    before = look(tmp_path)
    assert look(tmp_path) == before
    write(tmp_path / "cuts.py", "pt = 300\n")
    assert look(tmp_path) != before


def test_a_file_that_went_between_look_and_pack_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.py")
    write(tmp_path / "b.py")
    found = look(tmp_path)
    (tmp_path / "a.py").unlink()
    with zipfile.ZipFile(io.BytesIO(pack(tmp_path, found).archive)) as archive:
        assert archive.namelist() == ["b.py"]
