"""What goes over the broker: the table of every message, their codecs, the numbered streams."""
