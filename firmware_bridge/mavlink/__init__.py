"""The MAVLink session: an autopilot's bytes to readings, orders to its commands."""
