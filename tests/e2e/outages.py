"""How long the outages of the tests last, and settings of a platform that has as little patience."""

from __future__ import annotations

import os

OUTAGE = float(os.environ.get("ALISIO_FAULT_PAUSE", "12"))
"""Seconds that a broker or a database is away. At most 60."""
QUEUED = 7.5 * OUTAGE
"""A task waits in the queue for the outage, and for those before it, which takes a busy machine as long again."""
IMPATIENT = {
    # 300 and 600 on AWS. The outages here are shorter, and so are the queues: the tests need not wait
    # that long until a killed worker's tasks, and those that it had taken and not begun, are given to another one.
    "config": {
        "scheduler": {
            "task_instance_heartbeat_timeout": "120",
            "task_instance_heartbeat_timeout_detection_interval": "5",
            "task_queued_timeout": str(round(QUEUED)),
            "task_queued_timeout_check_interval": "10",
        },
    },
}
