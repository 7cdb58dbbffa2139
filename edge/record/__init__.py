"""What came in, on disk: enough to live a vehicle's day again."""
