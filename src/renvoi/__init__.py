"""renvoi: a self-hosted platform for virtual phone numbers."""

__version__ = "0.1.0"
