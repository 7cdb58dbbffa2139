"""A recorded day lived again, by the shipped daemon."""
