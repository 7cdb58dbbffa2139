"""Lines that keep their distance from zones, and the quickest ways along them, in C."""
