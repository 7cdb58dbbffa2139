"""One leg of a drone: its mission, the gate before it, the machine that flies it."""
