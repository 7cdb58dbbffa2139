"""The station of a simulated day: its work, its set-up, its books afterwards."""
