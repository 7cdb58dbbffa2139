"""The roads a vehicle may use: a graph mapped from a file, and ways and times on it."""
