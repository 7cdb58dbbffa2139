"""The demo: a station and its vans as real processes on a clock that runs faster."""
