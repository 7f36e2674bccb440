"""Sitespan: one Dask cluster over many grid sites. The Python side."""
