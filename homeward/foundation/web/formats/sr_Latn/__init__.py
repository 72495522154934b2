"""Serbian in Latin letters."""
