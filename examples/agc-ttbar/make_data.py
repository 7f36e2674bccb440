"""Make small toy data for the ttbar analysis: nine samples in the form of CMS NanoAOD.

Says what it does, and does nothing where data of the same settings lie already.
Writes `inputs.json`, in the manner of the AGC's `nanoaod_inputs.json`; its paths are relative to
it, or begin with the prefix. It is simulated toy data: no physics result follows from it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from toydata.nanoaod import ToyFile, write
from utils.samples import REAL_SAMPLES

FORMAT = 1
"""Grows when the same settings give other data."""


def plan(scale: float, files_per_sample: int, events: int | None, seed: int) -> list[ToyFile]:
    """Return the files to make.

    Parameters
    ----------
    scale : float
        Events of a file here, divided by those of a real file.
    files_per_sample : int
        At most that many files of each sample; all 787 if negative.
    events : int or None
        The same number of events in every file, in place of the scale.
    """
    files = []
    for (process, variation), (count, total) in REAL_SAMPLES.items():
        size = events or max(1, round(total / count * scale))
        for index in range(count if files_per_sample < 0 else min(count, files_per_sample)):
            files.append(ToyFile(process, variation, index, size, index * size + 1, seed))
    return files


def make(
    folder: Path,
    *,
    scale: float = 0.02,
    files_per_sample: int = 1,
    events: int | None = None,
    seed: int = 1,
    prefix: str | None = None,
    processes: int | None = None,
) -> Path:
    """Make the data, or find it made, and return the path of `inputs.json`."""
    settings = dict(format=FORMAT, scale=scale, files_per_sample=files_per_sample, seed=seed)
    settings |= {"events": events}
    files = plan(scale, files_per_sample, events, seed)
    made = folder / "made.json"
    known = read(made)
    if known.get("settings") == settings and complete(folder, known["sizes"]):
        print(f"{folder} has these {len(files)} files already.", flush=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        made.unlink(missing_ok=True)
        sizes = write_all(files, folder, processes or os.cpu_count() or 1)
        for name in known.get("sizes", {}).keys() - sizes.keys():
            (folder / name).unlink(missing_ok=True)
        replace(made, {"settings": settings, "sizes": sizes})
    return replace(folder / "inputs.json", inputs(files, prefix))


def write_all(files: list[ToyFile], folder: Path, processes: int) -> dict[str, int]:
    """Write the files, the largest first, saying each; return their sizes in bytes."""
    started, sizes, events = time.monotonic(), {}, 0
    with ProcessPoolExecutor(min(processes, len(files))) as pool:
        ordered = sorted(files, key=lambda file: -file.events)
        running = {pool.submit(write, file, folder): file for file in ordered}
        for done, future in enumerate(as_completed(running), 1):
            file = running[future]
            sizes[file.name] = future.result()
            events += file.events
            print(f"[{done}/{len(files)}] {file.name}  {file.events} events", flush=True)
    total, seconds = sum(sizes.values()) / 1e6, time.monotonic() - started
    print(f"{len(files)} files, {events} events, {total:.1f} MB in {seconds:.1f} s", flush=True)
    return sizes


def inputs(files: list[ToyFile], prefix: str | None) -> dict[str, Any]:
    """Return the list of samples, as the AGC writes it."""
    listed: dict[str, Any] = {}
    for file in files:
        samples = listed.setdefault(file.process, {})
        sample = samples.setdefault(file.variation, {"nevts_total": 0, "files": []})
        path = f"{prefix.rstrip('/')}/{file.name}" if prefix else file.name
        sample["nevts_total"] += file.events
        sample["files"].append({"path": path, "nevts": file.events})
    return listed


def complete(folder: Path, sizes: dict[str, int]) -> bool:
    """Tell whether every file is there with its size."""
    paths = {folder / name: size for name, size in sizes.items()}
    return all(path.is_file() and path.stat().st_size == size for path, size in paths.items())


def read(path: Path) -> dict[str, Any]:
    """Return a JSON object, or an empty one where there is none or it cannot be read."""
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def replace(path: Path, content: dict[str, Any]) -> Path:
    """Write a JSON file under a temporary name, then give it its own."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(content, indent=1) + "\n")
    os.replace(part, path)
    return path


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder for the data")
    parser.add_argument(
        "--scale", type=float, default=0.02, help="events of a file, over a real file's"
    )
    parser.add_argument("--files-per-sample", type=int, default=1, help="at most; -1 for all 787")
    parser.add_argument("--events", type=int, help="events in every file, in place of --scale")
    parser.add_argument("--prefix", help="URL of the folder, for the paths in inputs.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, help="default: one per core")
    given = parser.parse_args(arguments)
    if given.scale <= 0 or given.files_per_sample == 0 or (given.events or 1) < 1:
        parser.error("there would be no events: scale, files and events must be positive")
    options = vars(given)
    print(make(options.pop("out"), **options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
