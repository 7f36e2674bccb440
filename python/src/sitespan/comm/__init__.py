"""``relay://``: Dask's messages over streams that the relay joins. Protocol: docs/relay.md."""
