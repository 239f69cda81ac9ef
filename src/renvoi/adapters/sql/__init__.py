"""The store in SQL: one schema and one set of statements, built with SQLAlchemy Core, for every database."""
