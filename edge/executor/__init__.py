"""Carrying a route out: the mission's state machine and the shell that feeds it."""
