"""Webhooks: endpoints of accounts, and events on their way to them."""
