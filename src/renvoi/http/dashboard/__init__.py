"""The dashboard: pages for people, rendered here, over the use cases that `/v2` has (`docs/dashboard.md`)."""
