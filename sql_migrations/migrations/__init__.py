"""The migrations of this app are the `.sql` files of the folder above; see `sql_migrations/graph.py`."""

from sql_migrations.graph import extend

extend(__path__)
