"""On the way: how the leg leads, and when the vehicle counts as being there."""
