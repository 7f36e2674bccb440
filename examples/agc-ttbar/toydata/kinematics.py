"""Four-momenta as arrays of shape (4, n): energy, px, py, pz, in GeV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def momentum(pt: Array, rapidity: Array, phi: Array, mass: Array | float) -> Array:
    """Return four-momenta of shape (4, n)."""
    transverse = np.hypot(pt, mass)
    return np.stack(
        [
            transverse * np.cosh(rapidity),
            pt * np.cos(phi),
            pt * np.sin(phi),
            transverse * np.sinh(rapidity),
        ]
    )


def pt_eta_phi(p: Array) -> tuple[Array, Array, Array]:
    """Return transverse momentum, pseudorapidity and azimuth of four-momenta."""
    pt = np.hypot(p[1], p[2])
    return pt, np.arcsinh(p[3] / np.maximum(pt, 1e-3)), np.arctan2(p[2], p[1])


def decay(
    parent: Array, mass: Array, mass1: Array | float, mass2: Array | float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Decay each parent isotropically into two bodies, and boost them to the laboratory."""
    n = parent.shape[1]
    triangle = (mass**2 - (mass1 + mass2) ** 2) * (mass**2 - (mass1 - mass2) ** 2)
    p = np.sqrt(np.maximum(triangle, 0)) / (2 * mass)
    cos, phi = rng.uniform(-1, 1, n), rng.uniform(-np.pi, np.pi, n)
    sin = np.sqrt(1 - cos**2)
    direction = np.stack([sin * np.cos(phi), sin * np.sin(phi), cos])
    beta = parent[1:] / parent[0]
    beta2 = np.minimum((beta**2).sum(0), 1 - 1e-9)
    gamma = 1 / np.sqrt(1 - beta2)

    def boosted(daughter: Array | float, sign: int) -> Array:
        energy, k = np.hypot(p, daughter), sign * p * direction
        along = (beta * k).sum(0)
        shift = (gamma - 1) * along / np.maximum(beta2, 1e-12) + gamma * energy
        return np.concatenate([(gamma * (energy + along))[None], k + beta * shift])

    return boosted(mass1, 1), boosted(mass2, -1)
