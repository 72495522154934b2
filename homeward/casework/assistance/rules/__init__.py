"""The rules of help in money and in kind: what can be entered, who signs, what overlaps. Pure: no database, no clock."""
