"""Conversations that have an end: commands, parameters, plans. Each is asked until answered."""
