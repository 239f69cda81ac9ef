"""The move of a store from SQLite to PostgreSQL."""
