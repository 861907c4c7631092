"""A secret of AWS Secrets Manager. No state and no Kubernetes Secret has a copy of it."""

from __future__ import annotations

from runtime.access.files import AccessError

TIMEOUT_SECONDS = 5


def managed_secret(name: str) -> str:
    """Its text, as the pod's role may read it. A refusal says what AWS said, and never the text."""
    # Only who uses it pays for the import.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 3})
    try:
        answer = boto3.client("secretsmanager", config=config).get_secret_value(SecretId=name)
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "refused")
        raise AccessError(f"the secret {name} in AWS Secrets Manager cannot be read: {reason}") from None
    except BotoCoreError as error:
        raise AccessError(
            f"the secret {name} in AWS Secrets Manager cannot be read: {type(error).__name__}"
        ) from None  # fmt: skip
    if "SecretString" not in answer:
        raise AccessError(f"the secret {name} in AWS Secrets Manager is no text")
    return answer["SecretString"]
