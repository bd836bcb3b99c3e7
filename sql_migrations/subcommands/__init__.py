"""The subcommands of `manage.py sql_migrations`: each parses its words, calls a capability, and reports."""
