"""Power cuts under a real ext4: the disk forgets, re-orders and tears what was not flushed."""
