"""Drives with labels: what a vehicle really does, and what its sensors make of it."""
