"""How dates and numbers are written in the offices of Kosovo; Django's own patterns misread them."""
