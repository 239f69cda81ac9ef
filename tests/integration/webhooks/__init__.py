"""Webhooks with real sockets."""
