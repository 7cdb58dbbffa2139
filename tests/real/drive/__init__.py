"""A recorded drive as a day's work: real receiver bytes, gpsd, broker, daemon and station."""
