"""A plan in people's words: its times, what is left out, and why it changed."""
