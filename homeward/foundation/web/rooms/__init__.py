"""Pages of the foundation's own rooms: sharing, oversight and the directory.

They stand here and not beside their rules, because the page shapes stand on top of the foundation (ADR on the house).
"""
