"""What the controller does with its vehicle; nothing here knows how messages look."""
