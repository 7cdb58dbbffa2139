"""Thousands of random days, and the smallest one that still fails."""
