"""The subcommands of `manage.py audit`: each parses its words, calls a capability, and reports."""
