"""What every fact is."""

import msgspec


class FactBody(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", omit_defaults=True):
    """Base of every fact's content; the tag names the fact."""
