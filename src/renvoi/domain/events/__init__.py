"""What happened, as it is told to whoever integrates."""
