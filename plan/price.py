"""What monitoring consists of and costs a month, as the stack's dashboard says it.

The plan does not know what it plans, so it counts nothing itself: health/price.py does, with source and date.
"""

from __future__ import annotations

import json
import re

from plan.deployment import Deployment

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
PRICE = re.compile(r"^Monitoring: (.+, at list prices)\.", re.MULTILINE)


def monitoring_price(deployment: Deployment) -> str:
    """Its metrics, alarms and price. Empty without a dashboard, and where no output is known."""
    for resource in deployment.of_type(DASHBOARD):
        body = resource.plain_inputs.get("dashboardBody")
        if not isinstance(body, str):
            continue
        for widget in json.loads(body)["widgets"]:
            if found := PRICE.search(widget["properties"].get("markdown", "")):
                return found[1]
    return ""
