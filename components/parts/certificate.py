"""The certificate of a domain."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import Output, ResourceOptions


def issued_certificate(name: str, domain: str, *, zone_id: str, opts: ResourceOptions) -> Output[str]:
    """Make a certificate, prove to ACM that the domain is ours, and give its ARN, which is known once it is issued.

    The zone must be public. The record of the proof stays there, so that ACM can renew the certificate by itself.
    """
    certificate = aws.acm.Certificate(
        name,
        domain_name=domain,
        validation_method="DNS",
        key_algorithm="EC_prime256v1",
        # An account may have several of a domain: an interrupted update finds this one by it.
        tags={"Name": name},
        opts=opts,
    )
    # With one domain and no alternative there is exactly one proof.
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{name}-validation",
        zone_id=zone_id,
        name=proof.apply(lambda option: option.resource_record_name),
        type=proof.apply(lambda option: option.resource_record_type),
        records=[proof.apply(lambda option: option.resource_record_value)],
        ttl=60,
        # It is the same for all certificates of a domain and an account: another stack's, or the one before.
        allow_overwrite=True,
        opts=opts,
    )
    issued = aws.acm.CertificateValidation(
        name, certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn], opts=opts
    )
    return issued.certificate_arn
