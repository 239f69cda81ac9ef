"""Trunks to and from carriers."""
