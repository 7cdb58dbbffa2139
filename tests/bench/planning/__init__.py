"""How good plans are, and the days they are measured on."""
