"""One delivery by whatever autopilot answers at a link."""
