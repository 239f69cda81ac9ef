"""TLS of trunks: certificates, and what Kamailio is configured with."""
