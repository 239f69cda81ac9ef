"""Calls as they come and go: who calls, what is recorded, and the mark by which the edge knows a call again."""
