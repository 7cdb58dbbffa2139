"""What the daemon costs and how quickly it answers, on the vehicle's side."""
