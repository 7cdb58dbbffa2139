"""The pilot: takes the driver's place in a vehicle that moves by itself."""
