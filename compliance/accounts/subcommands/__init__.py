"""The words of `manage.py accounts`."""
