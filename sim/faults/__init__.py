"""Everything that goes wrong on a day: its kinds, its schedule, and how each strikes."""
