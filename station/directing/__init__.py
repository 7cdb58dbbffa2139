"""A person decides about a drone or robot under way: sent, and what became of it."""
