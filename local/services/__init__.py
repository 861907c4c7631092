"""Real parts, or doubles, in place of what AWS manages: PostgreSQL, the broker, S3, SQS and Secrets Manager."""
