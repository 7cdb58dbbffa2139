"""Cut a byte stream into lines, holding no more than one bounded line."""


class LineSplitter:
    """Lines in any pieces; one that grows past the limit is dropped up to its end."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._rest = b""
        self._skipping = False
        self.overlong = 0
        """How many lines were dropped for their length."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their line feed."""
        *lines, rest = (self._rest + data).split(b"\n")
        if self._skipping and lines:
            del lines[0]
            self._skipping = False
        if len(rest) > self._limit_bytes:
            self.overlong += not self._skipping
            self._skipping = True
        self._rest = b"" if self._skipping else rest
        sound = [line for line in lines if len(line) <= self._limit_bytes]
        self.overlong += len(lines) - len(sound)
        return sound
