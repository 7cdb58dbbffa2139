"""The last gate before an actuator: knows limits and zones, not plans, and trusts nobody's."""
