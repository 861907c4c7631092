"""Run the Pulumi program in memory, without CLI, account or network, and report what it would register."""

from __future__ import annotations

from plan.deployment import Deployment, Message, Resource
from plan.engine import deploy
from plan.leaks import Leak, leaks
from plan.mocks import EngineMocks
from plan.program import PlanError, plan_stack
from plan.wire import UNKNOWN, Asset, Reference, Secret, plain

__all__ = [
    "UNKNOWN",
    "Asset",
    "Deployment",
    "EngineMocks",
    "Leak",
    "Message",
    "PlanError",
    "Reference",
    "Resource",
    "Secret",
    "deploy",
    "leaks",
    "plain",
    "plan_stack",
]
