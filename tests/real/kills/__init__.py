"""kill -9 at random instants of a day: daemon, station and broker, each a real process."""
