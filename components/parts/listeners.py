"""What a load balancer does with a request: HTTPS for one host, and nothing else."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from chart.listener import HIDDEN_PATHS, NOT_FOUND, RESPONSE_HEADERS

# TLS 1.2 and 1.3 with forward secrecy and a post-quantum exchange of keys. The API's own default has TLS 1.0:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
NOTHING: aws.lb.ListenerRuleActionFixedResponseArgsDict = {
    "content_type": "text/plain",
    "message_body": NOT_FOUND,
    "status_code": "404",
}


def listeners(
    name: str,
    host: str,
    *,
    load_balancer: aws.lb.LoadBalancer,
    group: aws.lb.TargetGroup,
    certificate_arn: Input[str],
    opts: ResourceOptions,
) -> list[pulumi.Resource]:
    """Answer HTTPS for one host, and send plain HTTP to it. Other hosts and the execution API are not found."""
    aws.lb.Listener(
        f"{name}-http",
        load_balancer_arn=load_balancer.arn,
        port=80,
        protocol="HTTP",
        # To our host, and not to the one that the request names.
        default_actions=[
            {
                "type": "redirect",
                "redirect": {"host": host, "protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"},
            }
        ],
        opts=opts,
    )
    secure = aws.lb.Listener(
        f"{name}-https",
        load_balancer_arn=load_balancer.arn,
        port=443,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificate_arn=certificate_arn,
        # Airflow would build the address of its login from whatever host a request names.
        default_actions=[{"type": "fixed-response", "fixed_response": {**NOTHING}}],
        routing_http_response_strict_transport_security_header_value=RESPONSE_HEADERS["Strict-Transport-Security"],
        routing_http_response_x_content_type_options_header_value=RESPONSE_HEADERS["X-Content-Type-Options"],
        routing_http_response_x_frame_options_header_value=RESPONSE_HEADERS["X-Frame-Options"],
        routing_http_response_content_security_policy_header_value=RESPONSE_HEADERS["Content-Security-Policy"],
        routing_http_response_server_enabled=False,
        opts=opts,
    )
    hidden = aws.lb.ListenerRule(
        f"{name}-execution-api",
        listener_arn=secure.arn,
        priority=10,
        conditions=[{"path_pattern": {"values": list(HIDDEN_PATHS)}}],
        actions=[{"type": "fixed-response", "fixed_response": NOTHING}],
        opts=opts,
    )
    shown = aws.lb.ListenerRule(
        f"{name}-airflow",
        listener_arn=secure.arn,
        priority=20,
        conditions=[{"host_header": {"values": [host]}}],
        actions=[{"type": "forward", "target_group_arn": group.arn}],
        # Between the two of them the execution API would be shown.
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[hidden])),
    )
    return [secure, hidden, shown]
