"""What the account may cost in a month before people are told."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

ACTUAL_PERCENT = 80
"""Early enough to do something about the rest."""
FORECAST_PERCENT = 100


def budget(
    name: str, usd: int, *, topic: Input[str], after: Sequence[pulumi.Resource], opts: ResourceOptions
) -> aws.budgets.Budget:
    """Tell a topic when the month's cost passes 80 % of the limit, and when it is foreseen to pass it.

    It is the account's cost: a budget for a stack alone would need cost allocation tags, which somebody has to activate
    in the account that pays.
    """
    return aws.budgets.Budget(
        name,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(usd),
        limit_unit="USD",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "threshold": percent,
                "threshold_type": "PERCENTAGE",
                "notification_type": kind,
                "subscriber_sns_topic_arns": [topic],
            }
            for kind, percent in (("ACTUAL", ACTUAL_PERCENT), ("FORECASTED", FORECAST_PERCENT))
        ],
        # AWS refuses a topic that it may not publish to.
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=list(after))),
    )
