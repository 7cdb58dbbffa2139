"""Shortest times on a road network, in C: from many places to many, and the way of one pair."""
