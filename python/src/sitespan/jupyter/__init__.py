"""The cluster as a Jupyter server, for those who want their own front end on it."""
