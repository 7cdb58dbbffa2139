"""Signs of life, and whether the vehicle knows where it is."""
