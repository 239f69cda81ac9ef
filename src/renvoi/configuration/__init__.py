"""The settings: which there are, where they come from, and what is allowed."""
