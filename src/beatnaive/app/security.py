"""Who may ask: browsers that were handed a start URL. Everything else is refused before any page is made.

A server on one's own machine can be reached by every page that one's browser shows and by every user of the machine.
Against pages: the Host must be ours (DNS rebinding), what the browser says of the request's origin must be ours, the
cookie is SameSite=Strict, and a POST carries a token in a header, which no form and no foreign script can add. Against
other users: nothing is answered without the cookie.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HEADER = "x-beatnaive-token"
"""The header in which a POST carries the second token."""
UPLOAD = 200 << 20
"""Bytes of the largest file that is taken in."""
FORM = 64 << 10
"""Bytes of the largest form."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Of the app's own pages: no inline script, no inline style, no eval, nothing from elsewhere."""
SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Of pages that a run left: an origin of their own, which can neither read the app nor ask any network."""
HEADERS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Request:
    """What of a request decides whether it is answered: names of headers in lower case, the query as it came."""

    method: str
    path: str
    headers: dict[str, str]
    query: str = ""

    @classmethod
    def of(cls, scope: Scope) -> Request:
        """From what the server received; a header that comes twice counts as its values joined, and so fits nothing."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        query = scope["query_string"].decode("latin-1")
        return cls(method=scope["method"], path=scope["path"], headers=headers, query=query)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a request is not answered, and its HTTP status."""

    status: int
    why: str


@dataclass(kw_only=True)
class Access:
    """The secrets of one server and the names by which it may be called.

    host: what it listens on; renewed: told the new start URL after the old one was used.
    """

    host: str
    port: int
    renewed: Callable[[str], None] = lambda url: None
    start: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    post: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies know no ports, names do."""
        return f"beatnaive_{self.port}"

    @property
    def url(self) -> str:
        """The start URL, which opens the app once."""
        anywhere = self.host in ("0.0.0.0", "::", "")
        return f"http://{'127.0.0.1' if anywhere else bracketed(self.host)}:{self.port}/?token={self.start}"

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this server; another name that leads here is somebody's trick.

        >>> Access(host="127.0.0.1", port=8000).is_ours("evil.example:8000")
        False
        """
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        if name in (*LOOPBACK, bracketed(self.host)):
            return True
        return self.host in ("0.0.0.0", "::") and _is_address(name)

    def refusal(self, request: Request) -> Refusal | None:
        """Why this request is not answered, or None."""
        headers, host = request.headers, request.headers.get("host", "")
        if not self.is_ours(host):
            return Refusal(status=403, why="this server does not go by that name")
        if request.method not in ("GET", "HEAD", "POST"):
            return Refusal(status=405, why="only GET and POST are understood")
        starts = request.method == "GET" and self.starts(request)
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return Refusal(status=403, why="the request comes from another site")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not starts:
            return Refusal(status=403, why="the request comes from another site")
        if starts:
            return None
        if not secrets.compare_digest(_cookies(headers).get(self.cookie, "").encode(), self.session.encode()):
            return Refusal(status=403, why="open the app by the address that beatnaive app prints")
        if request.method == "POST":
            return self._refused_post(request)
        return None

    def starts(self, request: Request) -> bool:
        """Whether this is the start URL, not used yet."""
        wanted = f"token={self.start}"
        return request.path == "/" and secrets.compare_digest(request.query.encode(), wanted.encode())

    def admitted(self) -> str:
        """The Set-Cookie of a browser that came by the start URL, which is another one from now on."""
        self.start = secrets.token_urlsafe(24)
        self.renewed(self.url)
        return f"{self.cookie}={self.session}; Path=/; HttpOnly; SameSite=Strict"

    def _refused_post(self, request: Request) -> Refusal | None:
        if not secrets.compare_digest(request.headers.get(HEADER, "").encode(), self.post.encode()):
            return Refusal(status=403, why="the request does not carry this app's token: load the page again")
        length = request.headers.get("content-length", "")
        if not length.isascii() or not length.isdecimal() or "transfer-encoding" in request.headers:
            return Refusal(status=411, why="say how long the content is")
        most = UPLOAD if request.path == "/upload" else FORM
        if int(length) > most:
            return Refusal(status=413, why=f"{int(length):,} bytes are more than the {most:,} that are taken in")
        return None


class Guard:
    """The application behind its door: refusals, the start URL, and the headers that every answer carries."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse, one request."""
        from starlette.datastructures import MutableHeaders
        from starlette.responses import PlainTextResponse, RedirectResponse, Response

        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, "Content-Security-Policy": POLICY}.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request.of(scope)
        if (refused := self.access.refusal(request)) is not None:
            answer: Response = PlainTextResponse(f"beatnaive: {refused.why}\n", refused.status)
            answer.headers["connection"] = "close"
            await answer(scope, receive, with_headers)  # type: ignore[arg-type]
        elif request.method == "GET" and self.access.starts(request):
            answer = RedirectResponse("/", 303, headers={"Set-Cookie": self.access.admitted()})
            await answer(scope, receive, with_headers)  # type: ignore[arg-type]
        else:
            await self.app(scope, receive, with_headers)  # type: ignore[arg-type]


def bracketed(host: str) -> str:
    """A host as it stands in a URL.

    >>> bracketed("::1"), bracketed("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _cookies(headers: dict[str, str]) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}
