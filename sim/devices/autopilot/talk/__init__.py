"""What the controller says and how it answers: the far end of every MAVLink conversation."""
