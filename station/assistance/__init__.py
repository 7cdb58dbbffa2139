"""A person at the station helps a robot through the broker (S6): the station's side."""
