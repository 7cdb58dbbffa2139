"""Legs for sidewalk robots: way, gate, and the machine from setting out to the door."""
