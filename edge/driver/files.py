"""The page's own files, read once: no request ever reaches the disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is answered."""

    content: bytes
    media_type: str
    etag: str

    def answer(self, known_etag: str | None) -> web.Response:
        """Return the file, or 304 to a browser that has it; it must ask every time."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache"}
        if known_etag == self.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=self.content, content_type=self.media_type, charset="utf-8", headers=headers
        )


def page_files() -> dict[str, PageFile]:
    """Return every file of the page by the path that asks for it."""
    found: dict[str, PageFile] = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix not in MEDIA_TYPES:
            continue
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        name = path.relative_to(STATIC).as_posix()
        found[name] = PageFile(content, MEDIA_TYPES[path.suffix], etag)
    return found
