"""The vehicle and the broker: reliable lanes over any network."""
