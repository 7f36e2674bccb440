"""What ``sitespan bench`` measures with; started by src/bench, never by a cluster."""
