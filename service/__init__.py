"""Use cases: what the service can do, without Flask and SQL."""
