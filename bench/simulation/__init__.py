"""A fleet of renvoi nodes in several regions, simulated event by event: see `python -m bench.simulation --help`."""
