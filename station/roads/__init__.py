"""Roads from an OpenStreetMap extract to the graph file that vehicles map into memory."""
