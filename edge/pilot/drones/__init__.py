"""The drone: its flights, its bounds, its words, and what the mission wants of it."""
