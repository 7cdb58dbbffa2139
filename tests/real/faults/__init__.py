"""Whole days on real processes while network, clock, memory or disk fails around them."""
