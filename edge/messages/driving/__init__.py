"""Words of how a vehicle is driven: what its sensors say, and what the driver is shown."""
