"""The words between the daemon and the machines that move or open: orders and what they say."""
