"""A simulated flight controller: takes and gives MAVLink bytes as ArduPilot or as PX4 would."""
