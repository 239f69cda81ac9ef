"""Recordings on disk: written as they are heard, whole after any crash, handed on exactly once."""
