"""What a job finds on a node, on one that is made up of files."""

from __future__ import annotations

import os
from pathlib import Path

from sitespan.node import cores, find_node, gpus, memory_mb, walltime_left


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_real_node_tells_what_it_has(tmp_path: Path) -> None:
    found = find_node({}, str(tmp_path))
    assert 1 <= found["cores"] <= (os.cpu_count() or 1)
    assert found["memoryMb"] > 100
    assert found["diskFreeMb"] > 0
    assert isinstance(found["gpus"], list)
    assert "walltimeLeftSeconds" not in found


def test_limits_of_cgroups_of_both_versions_count(tmp_path: Path) -> None:
    put(tmp_path, "proc/meminfo", "MemTotal: 64000000 kB\nMemFree: 1 kB\n")
    put(tmp_path, "proc/self/cgroup", "4:memory:/pilot/job\n3:cpu,cpuacct:/pilot\n0::/batch/job\n")
    assert memory_mb(str(tmp_path)) == 65536
    put(tmp_path, "sys/fs/cgroup/memory/pilot/memory.limit_in_bytes", "9223372036854771712\n")
    put(tmp_path, "sys/fs/cgroup/batch/memory.max", "3000000000\n")
    put(tmp_path, "sys/fs/cgroup/batch/job/memory.max", "max\n")
    assert memory_mb(str(tmp_path)) == 3000
    put(tmp_path, "sys/fs/cgroup/cpu/pilot/cpu.cfs_quota_us", "100000\n")
    put(tmp_path, "sys/fs/cgroup/cpu/pilot/cpu.cfs_period_us", "100000\n")
    put(tmp_path, "sys/fs/cgroup/batch/job/cpu.max", "max 100000\n")
    assert cores(str(tmp_path)) == 1


def test_gpus_are_those_of_the_driver(tmp_path: Path, monkeypatch: object) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl"):
        put(tmp_path, "dev/" + name, "")
    tools = tmp_path / "bin"
    monkeypatch.setenv("PATH", str(tools))  # type: ignore[attr-defined]
    assert gpus(str(tmp_path)) == ["nvidia0", "nvidia1"]
    put(tools, "nvidia-smi", "#!/bin/sh\necho NVIDIA A100\n")
    (tools / "nvidia-smi").chmod(0o755)
    assert gpus(str(tmp_path)) == ["NVIDIA A100"]


def test_the_first_end_that_is_known_counts(tmp_path: Path) -> None:
    assert walltime_left({}, 1000) is None
    assert walltime_left({"SITESPAN_JOB_ENDS": "1600", "SLURM_JOB_END_TIME": "1500"}, 1000) == 500
    put(tmp_path, "wall_limit_secs", "400\n")
    put(tmp_path, "jobstart_secs", "950\n")
    features = {"JOBFEATURES": str(tmp_path), "SITESPAN_JOB_ENDS": "nonsense"}
    assert walltime_left(features, 1000) == 350
    put(tmp_path, "shutdowntime", "900\n")
    assert walltime_left({**features, "MACHINEFEATURES": str(tmp_path)}, 1000) == 0
