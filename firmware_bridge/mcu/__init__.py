"""The controller of lid, compartments, winch and wheels, on a serial line of its own."""
