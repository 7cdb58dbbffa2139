"""The kernel that searches for a better order of one vehicle's stops, in C and in Python."""
