"""Voicemail: the user agent that answers, greets and records, one process a worker."""
