"""The words of `manage.py consent`."""
