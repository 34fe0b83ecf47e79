"""Alembic's entry: always on the connection that ``db.migrate`` brings."""

from alembic import context

from db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    transactional_ddl=False,
)
context.run_migrations()
