"""Keys and certificates of signed identity, as files of the edge: see `domain/identity/` for what they are used for."""
