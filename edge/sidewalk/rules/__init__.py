"""The rules of a robot's leg, by where it stands."""
