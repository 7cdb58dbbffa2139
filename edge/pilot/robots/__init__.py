"""The sidewalk robot, as the pilot drives it."""
