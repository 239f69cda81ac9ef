"""The tests' own tools."""
