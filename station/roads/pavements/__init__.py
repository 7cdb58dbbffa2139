"""Where a robot may go: pavements beside streets, footways, squares and crossings, of tags."""
