"""What only flight asks for: where to land, how to get round a zone, how to get out of one."""
