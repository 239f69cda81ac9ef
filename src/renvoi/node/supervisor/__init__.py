"""The process that starts all others, watches them, and tells whether they work."""
