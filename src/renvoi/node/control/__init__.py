"""The control socket: how commands and the part `http` ask the running node, and what it says of its trunks."""
