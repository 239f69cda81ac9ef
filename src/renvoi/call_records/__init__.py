"""Call events on their way from the parts that see calls to the store: written to files, and collected."""
