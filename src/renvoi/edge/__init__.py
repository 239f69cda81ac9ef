"""The edge: Kamailio, its configuration, the router that runs inside it, and what starts and asks it.

`router.script` and what it imports run in Kamailio's own Python, so they are few: the domain, the spool, the file of
keys, `kamailio.sandbox`, `process_rights` and, where the store is on PostgreSQL, psycopg (`router.postgres_session`).
SQLAlchemy, asyncio and HTTP are not among them. The rest of `kamailio` runs in the serving process.
"""
