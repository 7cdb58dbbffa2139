"""The books: what vehicles report, counted once, and balanced from the raw facts."""
