"""Toy collisions as NanoAOD branches, and as ROOT files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toydata.events import ToyCollisions

BLOCK = 20_000
"""Events made and written at once: bounds the memory, and is the cluster size of the files."""


@dataclass(frozen=True)
class ToyFile:
    """One file to be made; its content follows from these fields alone."""

    process: str
    variation: str
    index: int
    events: int
    first_event: int
    seed: int

    @property
    def name(self) -> str:
        """Path from the data folder."""
        sample = f"{self.process}__{self.variation}"
        return f"{sample}/{sample}_{self.index:04d}.root"

    def blocks(self) -> Iterator[dict[str, Any]]:
        """Yield the branches of each block of events."""
        words = f"{self.seed} {self.process} {self.variation} {self.index}".encode()
        entropy = int.from_bytes(hashlib.sha256(words).digest()[:16], "little")
        for number, start in enumerate(range(0, self.events, BLOCK)):
            rng = np.random.default_rng([entropy, number])
            n = min(BLOCK, self.events - start)
            yield branches(self.process, self.variation, n, self.first_event + start, rng)


def branches(
    process: str, variation: str, n: int, first_event: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the branches of `n` events, with NanoAOD's names and types.

    Collections are ragged records: `Jet` becomes `nJet`, `Jet_pt` and so on.
    """
    import awkward as ak

    made = ToyCollisions(process, variation, n, rng)
    event = first_event + np.arange(n)

    def collection(counts: Any, columns: dict[str, Any]) -> Any:
        ragged = {name: ak.unflatten(values, counts) for name, values in columns.items()}
        return ak.zip(ragged, depth_limit=2)

    def direction(objects: dict[str, Any]) -> dict[str, Any]:
        phi = (objects["phi"] + np.pi) % (2 * np.pi) - np.pi
        return {"pt": f4(objects["pt"]), "eta": f4(objects["eta"]), "phi": f4(phi)}

    out: dict[str, Any] = {
        "run": np.ones(n, np.uint32),
        "luminosityBlock": (event // 100).astype(np.uint32),
        "event": event.astype(np.uint64),
        "genWeight": f4(made.weight),
        "PV_npvs": rng.poisson(14, n).astype(np.int32),
        "MET_pt": f4(rng.gamma(1.6, 25, n)),
        "MET_phi": f4(rng.uniform(-np.pi, np.pi, n)),
    }
    counts, jets = made.jets.ragged()
    out["Jet"] = collection(counts, direction(jets) | jet_columns(jets, rng))
    counts, leptons = made.leptons.ragged()
    event_of = np.repeat(np.arange(n), counts)
    quality = lepton_columns(leptons["prompt"], rng)
    for name, kind, mass in (("Electron", 11, 0.000511), ("Muon", 13, 0.10566)):
        own = leptons["kind"] == kind
        columns = {k: v[own] for k, v in {**direction(leptons), **quality}.items()}
        columns["mass"] = f4(np.full(own.sum(), mass))
        for other in ("tightId", "pfRelIso04_all") if kind == 11 else ("cutBased",):
            del columns[other]
        out[name] = collection(np.bincount(event_of[own], minlength=n), columns)
    return out


def jet_columns(jets: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return mass, b tag, quark-gluon likelihood and identification of jets."""
    n, flavour, u = len(jets["pt"]), jets["flavour"], rng.random(len(jets["pt"]))
    b, c = rng.beta(2.4, 1.3, n), rng.beta(1.4, 2.6, n)
    tag = np.where(flavour == 5, b, np.where(flavour == 4, c, rng.beta(0.9, 4.5, n)))
    likelihood = np.where(flavour == 21, rng.beta(1.1, 2.2, n), rng.beta(2.2, 1.1, n))
    return {
        "mass": f4(jets["mass"]),
        # NanoAOD says -10 and -1 where there is no value
        "btagCSVV2": f4(np.where(rng.random(n) < 0.05, -10.0, tag)),
        "qgl": f4(np.where(rng.random(n) < 0.03, -1.0, likelihood)),
        "jetId": np.where(u < 0.96, 6, np.where(u < 0.985, 2, 0)).astype(np.int32),
    }


def lepton_columns(prompt: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Return charge, impact, isolation and identification of leptons of both kinds."""
    n = len(prompt)
    u = rng.random(n)
    good = np.where(u < 0.75, 4, np.where(u < 0.9, 3, 1))
    return {
        "charge": rng.choice(np.array([-1, 1], np.int32), n),
        "sip3d": f4(rng.exponential(np.where(prompt, 1.0, 6.0))),
        "pfRelIso04_all": f4(rng.exponential(np.where(prompt, 0.04, 0.6))),
        "cutBased": np.where(prompt, good, np.where(u < 0.04, 4, 1)).astype(np.int32),
        "tightId": np.where(prompt, u < 0.95, u < 0.3),
    }


def write(file: ToyFile, folder: Path) -> int:
    """Write one file under a temporary name, then give it its own; return its size in bytes."""
    import uproot

    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with uproot.recreate(part, compression=uproot.ZLIB(4)) as root, unsigned_counters():
            for block in file.blocks():
                if "Events" not in root:
                    # by name: uproot 5.7 writes an RNTuple for root["Events"] = {...}
                    root.mktree("Events", {name: branch_type(v) for name, v in block.items()})
                root["Events"].extend(block)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path.stat().st_size


@contextmanager
def unsigned_counters() -> Iterator[None]:
    """Let uproot write `nJet` and its like as NanoAOD has them: unsigned; its own are signed."""
    from uproot.writing._cascadetree import Tree

    plain = Tree._branch_np

    def unsigned(self: Any, name: str, form: Any, dtype: Any, **rest: Any) -> dict[str, Any]:
        if rest.get("kind") == "counter":
            form = dtype = np.dtype(np.uint32)
        return plain(self, name, form, dtype, **rest)

    Tree._branch_np = unsigned
    try:
        yield
    finally:
        Tree._branch_np = plain


def branch_type(values: Any) -> Any:
    """Return what uproot wants to know of a branch or a collection before it is filled."""
    return values.dtype if isinstance(values, np.ndarray) else values.type.content


def f4(values: Any) -> Any:
    """Return values as 32-bit floats, which is what NanoAOD stores."""
    return np.asarray(values, np.float32)
