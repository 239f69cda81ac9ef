"""Webhooks, without sockets."""
