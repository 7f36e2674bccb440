"""How the files are read."""

from __future__ import annotations

from coffea.nanoevents import NanoAODSchema


class ReducedNanoAODSchema(NanoAODSchema):
    """NanoAOD of which branches may be left out: cross-references without a target are no news."""

    warn_missing_crossrefs = False
