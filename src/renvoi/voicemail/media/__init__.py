"""Media of one call: RTP, codecs, keys, silence. Sans-I/O: every function that needs the time is told it."""
