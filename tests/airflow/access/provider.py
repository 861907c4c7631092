"""An OpenID provider that signs whomever a test names in, and that lies when a test says so."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "airflow", "a-secret-of-the-tests"
KEY, STRANGER = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
"""The provider's key, and one that claims to be it."""
Claims = dict[str, Any]


def signed(claims: Claims, *, key: RSAKey = KEY, algorithm: str = "RS256") -> str:
    """A JWT. With the algorithm `none`, one without any signature."""
    if algorithm == "none":
        parts = ({"alg": "none"}, claims)
        return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), ""])
    registry = JWSRegistry(algorithms=[algorithm])
    return jwt.encode({"alg": algorithm, "kid": "1"}, claims, key, registry=registry)


@dataclass
class Provider:
    """What it says, and what it saw."""

    person: Claims = field(default_factory=dict[str, Any])
    lie: Callable[[Claims], str] = signed
    """Makes the ID token of its true claims."""
    userinfo: Claims = field(default_factory=dict[str, Any])
    metadata: Claims = field(default_factory=dict[str, Any])
    down: bool = False
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])
    begun: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Provider:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"provider": self}))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server
        self.server.shutdown()
        self.server.server_close()

    @property
    def issuer(self) -> str:
        assert self.server
        return f"http://127.0.0.1:{self.server.server_port}"

    def reset(self, **person: Any) -> None:
        """Tell the truth from now on, about this person."""
        self.person, self.lie, self.userinfo, self.metadata, self.down = person, signed, {}, {}, False
        self.seen.clear()

    def claims(self, *, nonce: str = "") -> Claims:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}

    def answer(self, path: str, query: dict[str, str], login: str) -> tuple[int, Any]:
        """Status and JSON, or the address to go to."""
        self.seen.append((path, query))
        match path:
            case "/.well-known/openid-configuration":
                names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "end"}
                places = {f"{name}_endpoint": f"{self.issuer}/{place}" for name, place in names.items()}
                return 200, {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **places, **self.metadata}
            case "/keys":
                return 200, {"keys": [KEY.as_dict(private=False)]}
            case "/authorize":
                code = secrets.token_urlsafe()
                self.begun[code] = query
                return 302, f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
            case "/token":
                return self.token(query, login)
            case "/userinfo":
                return 200, {"sub": self.person["sub"], **self.userinfo}
            case "/end":
                return 302, query.get("post_logout_redirect_uri") or query["logout_uri"]
            case _:
                return 404, {}

    def token(self, query: dict[str, str], login: str) -> tuple[int, Any]:
        begun = self.begun.pop(query.get("code", ""), None)
        verifier = hashlib.sha256(query.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        known = login == f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        if not known or not begun or begun["code_challenge"] != proof or begun["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        id_token = self.lie(self.claims(nonce=begun["nonce"]))
        return 200, {"access_token": "of-the-provider", "token_type": "Bearer", "id_token": id_token}


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def _answer(self, query: str) -> None:
        if self.provider.down:
            self.close_connection = True
            return
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        path, login = urlsplit(self.path).path, self.headers.get("Authorization", "")
        status, answer = self.provider.answer(path, fields, login)
        self.send_response(status)
        if isinstance(answer, str):
            self.send_header("Location", answer)
        body = b"" if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass
