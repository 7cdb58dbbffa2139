"""Beside the mission: when plans are made, with what, and what becomes of them."""
