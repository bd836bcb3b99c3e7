"""The words of `manage.py keys`."""
