"""What parts of the node have in common: how each is named, started, watched, and asked whether it works."""
