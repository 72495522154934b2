"""`manage.py refold_names`, `manage.py expire_expected`."""
