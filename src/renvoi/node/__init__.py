"""One node: its parts run as child processes, watched over by `renvoi serve`."""
