"""A plain static server for the hand-written page: files read once, compressed once.

    python app_static.py PORT PLOTLY

It serves `static/`, with the views of PEERS_VIEWS in the page and PLOTLY as `plotly.js`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from content import page

HERE = Path(__file__).parent / "static"


def files(plotly: Path) -> dict[str, tuple[str, bytes, str, str]]:
    """Return path → type, compressed bytes, tag and how long a browser may keep it."""
    views = json.dumps(page(), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    document = (HERE / "index.html").read_text(encoding="utf-8").replace("VIEWS", views)
    kept = "max-age=86400"
    parts = {
        "/": ("text/html", document.encode(), "no-cache"),
        "/page.js": ("text/javascript", (HERE / "page.js").read_bytes(), kept),
        "/plotly.js": ("text/javascript", plotly.read_bytes(), kept),
        "/favicon.ico": ("image/x-icon", b"", kept),
    }
    return {
        path: (
            f"{kind}; charset=utf-8",
            gzip.compress(raw, mtime=0),
            f'"{hashlib.sha256(raw).hexdigest()[:16]}"',
            lasting,
        )
        for path, (kind, raw, lasting) in parts.items()
    }


class Handler(BaseHTTPRequestHandler):
    """Answers with a file, or with the word that it has not changed."""

    protocol_version = "HTTP/1.1"
    files: dict[str, tuple[str, bytes, str, str]]

    def do_GET(self) -> None:  # noqa: N802
        """Write a file."""
        if self.path not in self.files:
            self.send_error(404)
            return
        kind, small, tag, lasting = self.files[self.path]
        same = self.headers.get("If-None-Match") == tag
        self.send_response(304 if same else 200)
        self.send_header("Etag", tag)
        self.send_header("Cache-Control", lasting)
        if not same:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(small)))
        self.end_headers()
        if not same:
            self.wfile.write(small)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


if __name__ == "__main__":
    Handler.files = files(Path(sys.argv[2]))
    Handler.wbufsize = -1
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
