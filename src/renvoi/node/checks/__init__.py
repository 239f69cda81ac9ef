"""What `renvoi check` and `renvoi try` find out about a node."""
