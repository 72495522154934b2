"""One family, many institutions: the people and the cases they share."""
