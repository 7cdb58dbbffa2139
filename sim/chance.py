"""Chance from one seed: every part of the world draws from its own stream."""

from random import Random


def chance(seed: int, *names: str) -> Random:
    """Return the generator that belongs to these names.

    Parts that draw more or less than before leave the draws of the others unchanged.
    """
    return Random("/".join((str(seed), *names)))  # noqa: S311 (a world, not a secret)


def hex_id(rng: Random) -> str:
    """Return 16 hex digits."""
    return f"{rng.getrandbits(64):016x}"
