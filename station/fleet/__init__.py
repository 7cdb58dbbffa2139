"""The fleet while it works: who was heard, what is wrong, and orders on their way."""
