"""What conditions come in: one file for each format, and what they have in common."""
