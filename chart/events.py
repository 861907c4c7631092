"""Messages about new objects: how often one is delivered, how long it is kept, and what the queues are called."""

from __future__ import annotations

from urllib.parse import quote_plus

DELIVERIES = 5
"""A message that was received this often and never deleted goes to the dead-letter queue."""
RETENTION_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message. A platform that is down over a holiday loses none."""
OBJECT_CREATED = "s3:ObjectCreated:*"
DEAD_LETTER_SUFFIX = "-dead-letter"


def as_filter(prefix: str) -> str:
    """A prefix as the filter of a notification has it: a blank is `+`, and every special character is percent-encoded.

    With the plain prefix, S3 takes the filter, and no key ever matches:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html. What needs no encoding:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-guidelines-safe-characters
    """
    return quote_plus(prefix, safe="/!*'()")
