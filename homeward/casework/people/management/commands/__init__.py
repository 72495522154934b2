"""`manage.py refold_names`."""
