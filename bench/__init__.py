"""How fast Homeward is, said so that it stays true on another machine: always as a ratio to a named baseline that runs
at the same moment, always with its growth from a small country to a large one. Nothing here is a test; nothing fails
because a machine is slow."""
