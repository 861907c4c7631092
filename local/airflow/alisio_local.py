"""What the local platform adds to Airflow's processes. They import it by this name alone, so it imports none of ours.

Every process of a task imports it, so it imports what it needs when it needs it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI


def address() -> str:
    """Where a task says that it runs, and where the api-server therefore asks for its log."""
    return "127.0.0.1"


def log_server() -> FastAPI:
    """Airflow's log server, with its checks of who asks, for the log folders of all processes instead of one."""
    from airflow.configuration import conf
    from airflow.utils.serve_logs.log_server import JWTAuthStaticFiles, create_app
    from starlette.routing import Mount

    class Folders(JWTAuthStaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            # Read each time: a process makes its folder with its first log.
            self.all_directories = [str(folder) for folder in root.iterdir()]
            return super().lookup_path(path)

    root = Path(conf.get_mandatory_value("logging", "base_log_folder"))
    root.mkdir(parents=True, exist_ok=True)
    server = create_app()
    [mount] = [route for route in server.routes if isinstance(route, Mount)]
    mount.app = Folders(directory=root)
    return server
