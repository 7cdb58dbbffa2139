"""What goes wrong on the roads and at the doors, and what the station hears of it."""
