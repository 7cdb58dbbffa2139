"""How each fault gets its effect on the shipped daemons, the station and the world."""
