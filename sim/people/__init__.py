"""The people of the simulated world: drivers, and customers behind their doors."""
