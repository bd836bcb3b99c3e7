"""Django's formats of fixtures, with encrypted values as cells."""
