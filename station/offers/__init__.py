"""Orders offered to vehicles that are under way: sent, answered, taken into the books."""
