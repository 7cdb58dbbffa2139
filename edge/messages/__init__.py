"""The words everyone speaks; imports nothing of ours."""
