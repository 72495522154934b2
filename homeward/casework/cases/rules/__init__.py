"""What is allowed with a case, in plain Python: no database, no request, no clock."""
