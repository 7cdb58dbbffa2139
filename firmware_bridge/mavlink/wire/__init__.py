"""Frames of MAVLink 1 and 2 on the wire; nothing here knows what they mean."""
