"""What the pages of the admin are made of: forms, lists, searching, choosing. compliance/admin.py joins them."""
