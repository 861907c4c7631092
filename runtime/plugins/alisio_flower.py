"""The plugin by which the api-server serves Flower. `[core] plugins_folder` names this folder."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from runtime.access.flower import PREFIX, app


class FlowerPlugin(AirflowPlugin):
    """Flower at /flower."""

    name = "alisio-flower"
    fastapi_apps = [{"app": app, "url_prefix": PREFIX, "name": "Flower"}]
