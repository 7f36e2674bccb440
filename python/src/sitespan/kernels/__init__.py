"""The kernels' host: one ipykernel, its queue of cells and the record of all it says.

A kept process (``python -m sitespan.kernels``), so that cells go on while no window and
no keeper looks. What it serves is fixed in docs/architecture.md, "Kernels' host".
"""
