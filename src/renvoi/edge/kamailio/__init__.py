"""Kamailio as a process: its configuration, its rights, its log, and the ways to ask it."""
