"""Bucket policies: a principal that is not listed is refused, whatever IAM allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions")
WRITE = ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:RestoreObject")
KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"


def bucket_policy(bucket_arn: str, key_arn: str, *, readers: Sequence[str], writers: Sequence[str]) -> dict[str, Any]:
    """A policy of denials only. The policies of the roles allow.

    `readers` and `writers` are patterns of principal ARNs. Everybody else is refused the objects, even administrators
    of the account. They can still change the bucket's settings, so a wrong list can be mended.
    """
    everything = [bucket_arn, f"{bucket_arn}/*"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            *_only_tls(everything),
            _deny(
                "OtherEncryption",
                ["s3:PutObject"],
                everything[1:],
                _asks_for_other("s3:x-amz-server-side-encryption", "aws:kms"),
            ),
            _deny("OtherKey", ["s3:PutObject"], everything[1:], _asks_for_other(KEY_HEADER, key_arn)),
            _deny("ForeignReaders", list(READ), everything, _anybody_but([*readers, *writers])),
            _deny("ForeignWriters", list(WRITE), everything[1:], _anybody_but(writers)),
        ],
    }


def access_log_policy(bucket_arn: str, *, readers: Sequence[str], region: str, account_id: str) -> dict[str, Any]:
    """A policy by which the load balancers of an account write their logs, and `readers` alone read or delete them.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    everything = [bucket_arn, f"{bucket_arn}/*"]
    # Nobody else's load balancers: the service writes on behalf of every account.
    ours = f"arn:aws:elasticloadbalancing:{region}:{account_id}:loadbalancer/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            *_only_tls(everything),
            _deny("ForeignReaders", list(READ), everything, _anybody_but(readers)),
            # Not to write: the service that delivers the logs is no principal with an ARN.
            _deny(
                "ForeignDeleters", ["s3:DeleteObject", "s3:DeleteObjectVersion"], everything[1:], _anybody_but(readers)
            ),
            {
                "Sid": "DeliverLogs",
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": ["s3:PutObject"],
                "Resource": [f"{bucket_arn}/AWSLogs/{account_id}/*"],
                "Condition": {"ArnLike": {"aws:SourceArn": ours}},
            },
        ],
    }


def _only_tls(resources: list[str]) -> list[dict[str, Any]]:
    return [
        _deny("PlainHttp", ["s3:*"], resources, {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("OldTls", ["s3:*"], resources, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def _deny(sid: str, actions: list[str], resources: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": f"Deny{sid}",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": condition,
    }


def _anybody_but(principals: Sequence[str]) -> dict[str, Any]:
    return {"ArnNotLike": {"aws:PrincipalArn": sorted(set(principals))}}


def _asks_for_other(header: str, ours: str) -> dict[str, Any]:
    # Null first: a negated operator is true when the header is absent. S3 then takes the bucket's default.
    return {"Null": {header: "false"}, "StringNotEquals": {header: ours}}
