"""Keys: those of the API, and those that the nodes share."""
