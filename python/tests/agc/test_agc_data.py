from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

TYPES = {
    "run": "uint32_t",
    "luminosityBlock": "uint32_t",
    "event": "uint64_t",
    "genWeight": "float",
    "nJet": "uint32_t",
    "nElectron": "uint32_t",
    "nMuon": "uint32_t",
    "Jet_pt": "float[]",
    "Jet_jetId": "int32_t[]",
    "Jet_btagCSVV2": "float[]",
    "Electron_cutBased": "int32_t[]",
    "Muon_tightId": "bool[]",
    "Muon_pfRelIso04_all": "float[]",
}


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.root"))


def content(folder: Path) -> dict[str, list[Any]]:
    return {
        str(path.relative_to(folder)): uproot.open(path)["Events"].arrays().to_list()
        for path in files(folder)
    }


def test_the_same_seed_gives_the_same_content_on_any_number_of_processes(
    example: Any, tmp_path: Path
) -> None:
    for name, processes in (("a", 1), ("b", 2)):
        example.make_data.make(tmp_path / name, events=60, processes=processes)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_another_seed_gives_other_content(example: Any, tmp_path: Path) -> None:
    example.make_data.make(tmp_path / "a", events=60, seed=1)
    example.make_data.make(tmp_path / "b", events=60, seed=2)
    first, second = content(tmp_path / "a"), content(tmp_path / "b")
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_branches_have_the_types_of_nanoaod(small_data: Path) -> None:
    for path in files(small_data):
        tree = uproot.open(path)["Events"]
        assert tree.classname == "TTree"
        assert {name: tree[name].typename for name in TYPES} == TYPES


def test_branches_have_the_types_that_cms_writes(small_data: Path, real_file: Path) -> None:
    ours, theirs = (uproot.open(p)["Events"] for p in (files(small_data)[0], real_file))
    common = [name for name in ours.keys() if name in theirs]
    assert len(common) >= 30
    differing = {
        name: (ours[name].typename, theirs[name].typename)
        for name in common
        if ours[name].typename != theirs[name].typename
        or str(ours[name].interpretation) != str(theirs[name].interpretation)
    }
    assert differing == {}


def test_inputs_list_nine_samples_with_their_events(example: Any, small_data: Path) -> None:
    inputs = json.loads((small_data / "inputs.json").read_text())
    listed = {
        (process, variation): sample
        for process, variations in inputs.items()
        for variation, sample in variations.items()
    }
    assert listed.keys() == example.samples.REAL_SAMPLES.keys()
    for sample in listed.values():
        assert sample["nevts_total"] == sum(file["nevts"] for file in sample["files"]) == 3000
        for file in sample["files"]:
            assert uproot.open(small_data / file["path"])["Events"].num_entries == file["nevts"]


def test_no_event_number_of_a_sample_comes_twice(small_data: Path) -> None:
    paths = [path for path in files(small_data) if "ttbar__nominal" in path.name]
    numbers = np.concatenate([uproot.open(p)["Events"]["event"].array(library="np") for p in paths])
    assert len(np.unique(numbers)) == len(numbers) == 3000


def test_data_of_the_same_settings_are_left_alone(
    example: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example.make_data.make(tmp_path, events=60)
    assert "9 files, 540 events" in capsys.readouterr().out
    before = [path.stat().st_mtime_ns for path in files(tmp_path)]
    example.make_data.make(tmp_path, events=60, prefix="https://store.example.org/agc/")
    assert "already" in capsys.readouterr().out
    assert [path.stat().st_mtime_ns for path in files(tmp_path)] == before
    inputs = json.loads((tmp_path / "inputs.json").read_text())
    path = inputs["wjets"]["nominal"]["files"][0]["path"]
    assert path == "https://store.example.org/agc/wjets__nominal/wjets__nominal_0000.root"
    assert path in example.fileset.read_fileset(tmp_path)["wjets__nominal"]["files"]


def test_a_lost_file_is_made_again(example: Any, tmp_path: Path) -> None:
    example.make_data.make(tmp_path, events=60)
    lost = files(tmp_path)[3]
    lost.unlink()
    example.make_data.make(tmp_path, events=60)
    assert lost.is_file()


def test_other_settings_replace_the_data_and_leave_no_rest(example: Any, tmp_path: Path) -> None:
    example.make_data.make(tmp_path, events=60, files_per_sample=2)
    example.make_data.make(tmp_path, events=50, files_per_sample=1)
    assert len(files(tmp_path)) == 9
    assert {uproot.open(path)["Events"].num_entries for path in files(tmp_path)} == {50}
    assert not list(tmp_path.glob("**/*.part"))


def test_the_default_is_small(example: Any, default_data: Path) -> None:
    paths = files(default_data)
    events = sum(uproot.open(path)["Events"].num_entries for path in paths)
    assert len(paths) == 9
    assert 180_000 < events < 220_000
    assert sum(path.stat().st_size for path in paths) < 50e6


def test_settings_without_events_are_refused(example: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as error:
        example.make_data.main([str(tmp_path), "--scale", "0"])
    assert error.value.code == 2


def test_missing_data_say_how_to_make_them(example: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"python make_data\.py"):
        example.fileset.read_fileset(tmp_path / "nowhere")
