"""Phone numbers: how they are written, which country and kind they are of, and where an account may forward to."""
