"""Bytes of devices to readings, and commands back to bytes."""
