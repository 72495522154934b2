"""One case per person: where it stands, who leads it, who helps, what was noted and what is due."""
