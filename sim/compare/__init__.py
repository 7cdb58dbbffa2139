"""What re-planning on board is worth: the same days with it and without."""
