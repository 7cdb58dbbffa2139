"""The people: a driver who never gives up, a dispatcher, what they know."""
