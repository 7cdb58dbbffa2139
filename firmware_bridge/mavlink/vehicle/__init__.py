"""What is known of the far side: who it is, how it is, what it says how often."""
