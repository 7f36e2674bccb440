"""Toy collisions: tops and Ws that decay, extra jets, pile-up and non-prompt leptons.

The generator prefers what the analysis selects (leptonic Ws, many jets beside a W) and undoes it in
the generator weight, as enhanced samples do; so few events still fill every bin.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from toydata.kinematics import Array, decay, momentum, pt_eta_phi

TOP_MASS, W_MASS = 172.5, 80.4
LEPTONIC = 2 * 0.108 + 0.108 * 0.35
"""How often a W gives an electron or a muon: directly, or through a tau."""
LEPTONIC_HERE = 0.45

# harder or softer production, more or fewer radiated jets, share of negative weights
VARIATIONS: dict[str, tuple[float, float, float]] = {
    "nominal": (1.0, 1.0, 0.0),
    "scaleup": (1.04, 0.95, 0.0),
    "scaledown": (0.96, 1.07, 0.0),
    "ME_var": (1.01, 0.97, 0.03),
    "PS_var": (1.0, 1.05, 0.0),
}


class Slots:
    """Objects of each event, slot by slot; at the end ragged columns, sorted by pt."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._columns: dict[str, list[Any]] = {}

    def add(self, keep: Any, **columns: Any) -> None:
        """Add one object to each event where `keep`."""
        for name, values in {**columns, "keep": keep}.items():
            self._columns.setdefault(name, []).append(np.broadcast_to(values, self._n))

    def ragged(self) -> tuple[Any, dict[str, Any]]:
        """Return the number of objects of each event, and the columns of all objects."""
        columns = {name: np.stack(values, 1) for name, values in self._columns.items()}
        order = np.argsort(np.where(columns["keep"], -columns["pt"], np.inf), 1, kind="stable")
        columns = {name: np.take_along_axis(v, order, 1) for name, v in columns.items()}
        keep = columns.pop("keep")
        return keep.sum(1), {name: values[keep] for name, values in columns.items()}


class ToyCollisions:
    """`n` events of one sample.

    `jets` have pt, eta, phi, mass (GeV) and flavour; `leptons` pt, eta, phi, kind and whether they
    are prompt; `weight` is the generator's. Flavours and kinds are PDG numbers without sign; 0 is
    pile-up.
    """

    def __init__(self, process: str, variation: str, n: int, rng: np.random.Generator) -> None:
        self._n, self._rng = n, rng
        self._hard, self._radiation, negative = VARIATIONS[variation]
        self.jets, self.leptons = Slots(n), Slots(n)
        self.weight = np.where(rng.random(n) < negative, -1.0, 1.0)
        phi = rng.uniform(-np.pi, np.pi, n)
        if process == "ttbar":
            self._top_pair(phi)
        elif process == "wjets":
            self._w_and_jets(phi)
        else:
            self._single_top(process, phi)
        self._underlying()

    def _top_pair(self, phi: Array) -> None:
        n, rng = self._n, self._rng
        pt = rng.gamma(2.2, 55, n) * self._hard
        recoil = np.abs(pt + rng.normal(0, 20, n))
        self._top(pt, rng.normal(0, 0.9, n), phi)
        self._top(recoil, rng.normal(0, 0.9, n), phi + np.pi + rng.normal(0, 0.3, n))
        self._radiate(rng.poisson(1.4 * self._radiation, n))

    def _single_top(self, process: str, phi: Array) -> None:
        n, rng = self._n, self._rng
        pt = rng.gamma(2.0, 35, n)
        self._top(pt, rng.normal(0, 1.1, n), phi)
        if process == "single_top_tW":
            w = momentum(pt, rng.normal(0, 1.1, n), phi + np.pi, self._w_masses())
            self._w(w, self._w_masses())
        else:
            t_channel = process == "single_top_t_chan"
            y = rng.normal(0, 2.2 if t_channel else 1.0, n)
            self._jet(momentum(pt + 10, y, phi + np.pi, 4.8), 1 if t_channel else 5, True)
        self._radiate(rng.poisson(1.2 * self._radiation, n))

    def _w_and_jets(self, phi: Array) -> None:
        n, rng = self._n, self._rng
        mass = self._w_masses()
        w = momentum(rng.gamma(1.5, 18, n), rng.normal(0, 1.4, n), phi, mass)
        lepton, _ = decay(w, mass, 0.0, 0.0, rng)
        self._lepton(lepton, np.where(rng.random(n) < 0.5, 11, 13), True)
        # each jet costs a factor alpha; here every number from 0 to 7 is as frequent as the others
        alpha, numbers = 0.32, np.arange(8)
        wanted = alpha**numbers / (alpha**numbers).sum()
        jets = rng.integers(0, len(numbers), n)
        self.weight = self.weight * wanted[jets] * len(numbers)
        self._radiate(jets)

    def _top(self, pt: Array, rapidity: Array, phi: Array) -> None:
        mass = np.clip(self._rng.normal(TOP_MASS, 1.5, self._n), 150, 200)
        w_mass = self._w_masses()
        w, b = decay(momentum(pt, rapidity, phi, mass), mass, w_mass, 4.8, self._rng)
        self._jet(b, 5, True)
        self._w(w, w_mass)

    def _w(self, w: Array, mass: Array) -> None:
        n, rng = self._n, self._rng
        first, second = decay(w, mass, 0.0, 0.0, rng)
        leptonic = rng.random(n) < LEPTONIC_HERE
        here = np.where(leptonic, LEPTONIC_HERE, 1 - LEPTONIC_HERE)
        self.weight = self.weight * np.where(leptonic, LEPTONIC, 1 - LEPTONIC) / here
        through_tau = rng.random(n) < 0.108 * 0.35 / LEPTONIC
        kind = np.where(rng.random(n) < 0.5, 11, 13)
        self._lepton(first * np.where(through_tau, 0.4, 1.0), kind, leptonic)
        # what is not an electron or a muon is two quarks, or a tau that makes one narrow jet
        tau = rng.random(n) < 0.108 * 0.65 / (1 - LEPTONIC)
        flavour = np.where(tau, 15, np.where(rng.random(n) < 0.25, 4, 1))
        self._jet(first * np.where(tau, 0.6, 1.0), flavour, ~leptonic)
        self._jet(second, 1, ~leptonic & ~tau)

    def _radiate(self, numbers: Any) -> None:
        n, rng = self._n, self._rng
        for i in range(8):
            u = rng.random(n)
            flavour = np.where(u < 0.06, 5, np.where(u < 0.15, 4, 21))
            pt = 16 + rng.exponential(32, n) * self._hard
            p = momentum(pt, rng.normal(0, 1.7, n), rng.uniform(-np.pi, np.pi, n), 1.0)
            self._jet(p, flavour, numbers > i)

    def _underlying(self) -> None:
        n, rng = self._n, self._rng
        pile_up, non_prompt = rng.poisson(2.0, n), rng.poisson(0.5, n)
        for i in range(5):
            pt, eta = 14 + rng.exponential(6, n), rng.normal(0, 2.4, n)
            self._jet(momentum(pt, eta, rng.uniform(-np.pi, np.pi, n), 0.5), 0, pile_up > i)
        for i in range(2):
            pt, eta = 5 + rng.exponential(6, n), rng.normal(0, 1.4, n)
            kind, phi = np.where(rng.random(n) < 0.5, 11, 13), rng.uniform(-np.pi, np.pi, n)
            keep = (non_prompt > i) & (np.abs(eta) < 2.5)
            self.leptons.add(keep, pt=pt, eta=eta, phi=phi, kind=kind, prompt=False)

    def _jet(self, p: Array, flavour: Any, keep: Any) -> None:
        n, rng = self._n, self._rng
        pt, eta, phi = pt_eta_phi(p)
        pt = pt * rng.normal(0.98, 0.10, n)
        mass = pt * rng.gamma(4, 0.035, n)
        seen = keep & (pt > 15) & (np.abs(eta) < 4.7)
        self.jets.add(seen, pt=pt, eta=eta, phi=phi, mass=mass, flavour=flavour)

    def _lepton(self, p: Array, kind: Any, keep: Any) -> None:
        n, rng = self._n, self._rng
        pt, eta, phi = pt_eta_phi(p)
        pt = pt * rng.normal(1, 0.02, n)
        seen = keep & (pt > 5) & (np.abs(eta) < 2.5) & (rng.random(n) < 0.93)
        self.leptons.add(seen, pt=pt, eta=eta, phi=phi, kind=kind, prompt=True)

    def _w_masses(self) -> Array:
        return np.clip(self._rng.normal(W_MASS, 2.1, self._n), 60, 100)
