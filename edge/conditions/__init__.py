"""What is known of traffic, weather and zones: layers as they stand, and what they mean."""
