"""A robot's lookout: what sees people, signals and gaps, and takes the customer's code."""
