"""How a list that an office keeps in a spreadsheet becomes shared cases: map, check, match, review, import."""
