"""The edge: Kamailio, its configuration, the router that runs inside it, and what starts and asks it.

`script`, `router`, `facts`, `lookup`, `answers`, `abandoned`, `overload`, `trunktable` and `privileges` run in
Kamailio's own Python, so they import only the standard library, the domain and the spool. The rest runs in the serving
process.
"""
