"""The edge: Kamailio, its configuration, the router that runs inside it, and what starts and asks it.

`script`, `router`, `lookup`, `events`, `spool`, `answers`, `trunktable` and `privileges` run in Kamailio's own Python,
so they import the standard library and the domain only. The rest runs in the serving process.
"""
