"""Signed identity of callers: PASSporTs in Identity headers (RFC 8224, RFC 8225)."""
