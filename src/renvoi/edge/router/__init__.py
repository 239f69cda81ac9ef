"""What runs inside Kamailio: it reads calls, decides about them by the domain, and answers."""
