"""The generated town: its streets, its houses, and what its people have ordered."""
