"""From `inputs.json` to what coffea's runner takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_fileset(inputs: str | Path, files_per_sample: int = -1) -> dict[str, dict[str, Any]]:
    """Read a list of samples in the manner of the AGC's `nanoaod_inputs.json`.

    Parameters
    ----------
    inputs : str or Path
        The file, or the folder that holds an `inputs.json`.
        Relative paths in it are meant from its own folder; URLs are taken as they are.
    files_per_sample : int
        How many files of each sample to take; all of them if negative.

    Returns
    -------
    dict
        `{"process__variation": {"files": {path: "Events"}, "metadata": {"process", "variation"}}}`.

    Raises
    ------
    FileNotFoundError
        With the command that makes the data.
    """
    path = Path(inputs).expanduser()
    path = path / "inputs.json" if path.is_dir() or path.suffix != ".json" else path
    if not path.is_file():
        raise FileNotFoundError(
            f"No {path}: make the data with `python make_data.py {path.parent}`."
        )
    folder = path.resolve().parent
    fileset: dict[str, dict[str, Any]] = {}
    for process, variations in json.loads(path.read_text()).items():
        for variation, sample in variations.items():
            chosen = sample["files"] if files_per_sample < 0 else sample["files"][:files_per_sample]
            paths = [file["path"] for file in chosen]
            fileset[f"{process}__{variation}"] = {
                "files": {p if "://" in p else str(folder / p): "Events" for p in paths},
                "metadata": {"process": process, "variation": variation},
            }
    return fileset
