"""The processes that are started and ended, and their files."""
