"""The edge: Kamailio, its configuration, the router that runs inside it, and what starts and asks it.

`script` and what it imports run in Kamailio's own Python, so they import only the standard library, the domain, the
spool and, where the store is on PostgreSQL, psycopg (`pgservers`, `pgsession`, `postgreslookup`). The rest runs in the
serving process: `kamailio`, `render`, `rpc` and `logline`.
"""
