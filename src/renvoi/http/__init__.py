"""The HTTP layer: the API of `docs/api.md`, probes and metrics. It maps requests to use cases and outcomes to HTTP."""
