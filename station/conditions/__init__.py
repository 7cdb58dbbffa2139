"""Traffic, weather, closures and zones: read from files, kept, sent to every vehicle."""
