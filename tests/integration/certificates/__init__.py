"""Certificates of callers, fetched over a real network."""
