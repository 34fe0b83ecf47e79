"""SQLAlchemy tables, named queries and migrations."""
