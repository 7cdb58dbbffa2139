"""Handing parcels over: what must be shown, and the proof that it was."""
