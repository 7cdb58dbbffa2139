"""The tests mirror the tree; scenarios, replay, bench and others stand beside it."""
