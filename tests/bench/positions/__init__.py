"""The position on recorded drives: what is measured, drive by drive."""
