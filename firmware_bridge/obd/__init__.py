"""A car that is asked over OBD-II, through an ELM327 adapter."""
