"""Messages about new objects: how often one is delivered, how long it is kept, and what the queues are called."""

from __future__ import annotations

DELIVERIES = 5
"""A message that was received this often and never deleted goes to the dead-letter queue."""
RETENTION_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message. A platform that is down over a holiday loses none."""
OBJECT_CREATED = "s3:ObjectCreated:*"
DEAD_LETTER_SUFFIX = "-dead-letter"
