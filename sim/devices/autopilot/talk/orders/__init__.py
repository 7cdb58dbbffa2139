"""Commands: how they come, what each does, how it is answered."""
