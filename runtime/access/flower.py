"""Flower behind Airflow's login: what an administrator or operator asks below /flower goes to it, nothing else."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import quote, urlsplit

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.core_api.security import get_user
from airflow.providers.common.compat.sdk import conf
from fastapi import Depends, FastAPI, HTTPException, Request, Response

FLOWER_URL = "ALISIO_FLOWER_URL"
FLOWER_LOGIN_FILE = "ALISIO_FLOWER_LOGIN"
"""Variables: Flower's address inside the cluster, and the file with its `<user>:<password>`."""
PREFIX = "/flower"
ROLES = frozenset({"Admin", "Op"})
"""Flower runs tasks and stops workers."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
SAFE = frozenset({"GET", "HEAD"})
KEPT_OF_REQUEST = frozenset(
    {"accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "range"}
)
KEPT_OF_ANSWER = frozenset(
    {"cache-control", "content-range", "content-type", "etag", "expires", "last-modified", "location", "vary"}
)
TIMEOUT_SECONDS = 30

app = FastAPI(title="Flower", docs_url=None, redoc_url=None, openapi_url=None)


async def operator(request: Request) -> None:
    """Let in an administrator or operator. Others get 403; a browser of nobody goes to the login."""
    try:
        user = await get_user(request, None, None) if "authorization" not in request.headers else await _bearer(request)
    except HTTPException as error:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            wanted = quote(f"{PREFIX}/", safe="")
            raise HTTPException(307, headers={"Location": f"/api/v2/auth/login?next={wanted}"}) from error
        raise
    if not {role.name for role in getattr(user, "roles", [])} & ROLES:
        raise HTTPException(403, f"Flower is for {' and '.join(sorted(ROLES))}")
    if request.method not in SAFE and COOKIE_NAME_JWT_TOKEN in request.cookies and not _is_ours(request):
        raise HTTPException(403, "This request comes from another site")


@app.api_route("/{path:path}", methods=METHODS, dependencies=[Depends(operator)])
async def forward(path: str, request: Request) -> Response:
    """The same request to Flower, with Flower's own login in place of Airflow's."""
    if not is_served(path):
        raise HTTPException(404)
    url = f"{os.environ.get(FLOWER_URL, '').rstrip('/')}{PREFIX}/{quote(path, safe='/@:!$&()*+,;=~')}"
    headers = {name: value for name, value in request.headers.items() if name in KEPT_OF_REQUEST}
    try:
        answer = await _client().request(
            request.method,
            url,
            params=httpx.QueryParams(request.url.query),
            headers={**headers, "Authorization": _login()},
            content=await request.body(),
        )
    except (httpx.HTTPError, OSError) as error:
        raise HTTPException(502, f"Flower gives no answer ({type(error).__name__})") from None
    return Response(answer.content, answer.status_code, headers=_kept(answer.headers))


def is_served(path: str) -> bool:
    """Whether a path is Flower's, and not its metrics, which carry no login of their own."""
    steps = path.split("/")
    # An empty one may be the last: that path ends in a slash, or is empty.
    return steps[0].lower() != "metrics" and "" not in steps[:-1] and not {".", ".."} & {*steps}


async def _bearer(request: Request) -> object:
    from fastapi.security import HTTPAuthorizationCredentials

    scheme, _, credentials = request.headers["authorization"].partition(" ")
    return await get_user(request, None, HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials))


def _is_ours(request: Request) -> bool:
    own, origin = urlsplit(conf.get("api", "base_url", fallback="")), urlsplit(request.headers.get("origin", ""))
    return bool(origin.hostname) and (origin.scheme, origin.netloc) == (own.scheme, own.netloc)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in KEPT_OF_ANSWER}


def _login() -> str:
    # Read each time: it is small, and a rotated Secret appears here by itself.
    with open(os.environ.get(FLOWER_LOGIN_FILE, ""), "rb") as file:  # noqa: PTH123
        return f"Basic {base64.b64encode(file.read().strip()).decode()}"


@cache
def _client() -> httpx.AsyncClient:
    # Without this it would keep cookies of Flower, and send those of one person for another.
    none = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, cookies=none)
