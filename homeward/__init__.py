"""Homeward: one shared place where every institution does its part of a family's way back to ordinary life."""
