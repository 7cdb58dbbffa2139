"""Others' ground stations against the simulated autopilot, each in a process of its own."""
