"""The people this work is for: their names in every spelling, their families, their coming home."""
