"""Flights round zones in the wind: ways that keep clear, how long they take, what they use."""
