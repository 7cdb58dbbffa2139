"""What will become of the day: arrivals with their spread, drift off the plan."""
