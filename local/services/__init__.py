"""What AWS manages: PostgreSQL and the broker for real, an emulator for S3, SQS and Secrets Manager."""
