"""Repeatable measurements, each against its baseline in the same run; results stand in docs/performance.md."""
