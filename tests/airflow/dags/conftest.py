"""The modules of dags/ are imported as Airflow imports them: with the folder itself on the path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "dags"))
