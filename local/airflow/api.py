"""Airflow's REST API: a password or the word of an issuer, a token, then requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from refused import Refused

SUCCESS = "success"
FINAL = (SUCCESS, "failed")
MESSAGE = 500
"""Characters of an error's answer that are shown."""


class Api:
    """A session of one user. `login` says what a token is asked for with."""

    def __init__(self, url: str, *, login: Callable[[], Mapping[str, str]]) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self._login = login

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The answer's JSON. Logs in first, and again when the token has expired."""
        if "Authorization" not in self._client.headers:
            self._log_in()
        answer = self._client.request(method, f"/api/v2/{path}", **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._log_in()
            answer = self._client.request(method, f"/api/v2/{path}", **options)
        if answer.is_error:
            said = f"{method} {path}: {answer.status_code} {answer.reason_phrase}: {answer.text[:MESSAGE]}"
            raise httpx.HTTPStatusError(said, request=answer.request, response=answer)
        return answer.json() if answer.content else None

    def dag_ids(self) -> set[str]:
        """The DAGs that Airflow knows now."""
        return {dag["dag_id"] for dag in self.call("GET", "dags", params={"limit": 1000})["dags"]}

    def import_errors(self) -> list[Mapping[str, str]]:
        return self.call("GET", "importErrors", params={"limit": 100})["import_errors"]

    def unpause(self, dag_id: str) -> None:
        self.call("PATCH", f"dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """The id of a new run."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        return self.call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"]

    def state(self, dag_id: str, run_id: str) -> str:
        return self.call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"]

    def finished(self, dag_id: str, run_id: str, *, seconds: float) -> str:
        """The final state of a run, or the state that it is in when the time is over.

        A restart of the API server, or of the database behind it, does not end the waiting: the run survives it too.
        """
        deadline = time.monotonic() + seconds
        while True:
            over = time.monotonic() >= deadline
            try:
                if (state := self.state(dag_id, run_id)) in FINAL or over:
                    return state
            except httpx.HTTPError as error:
                if over or not _is_temporary(error):
                    raise
            time.sleep(0.2)

    def tasks(self, dag_id: str, run_id: str) -> list[Mapping[str, Any]]:
        """Every task instance of a run."""
        found: list[Mapping[str, Any]] = []
        while True:
            query = {"limit": 100, "offset": len(found)}
            page = self.call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", params=query)
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def log(self, dag_id: str, run_id: str, task_id: str, *, attempt: int = 1, map_index: int = -1) -> str:
        """The log of one try, as text."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{attempt}"
        return str(self.call("GET", path, params={"map_index": map_index, "full_content": "true"})["content"])

    def _log_in(self) -> None:
        self._client.headers.pop("Authorization", None)
        try:
            answer = self._client.post("/auth/token", json=dict(self._login()))
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Refused(
                f"The API at {self._client.base_url} refuses a token: {error}.", "Does `make local` run?"
            ) from None
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _is_temporary(error: httpx.HTTPError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TransportError)
