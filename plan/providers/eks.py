"""The answer in place of `eks:index:Cluster`.

It is a remote component: the resources in it exist only in its plugin, so a plan sees nothing but its outputs.
"""

from __future__ import annotations

import json
from typing import Any, Final

from plan.asked import Registration
from plan.identity import child_urn
from plan.providers.arns import make_arn
from plan.providers.aws import Account, control_plane, hexadecimal
from plan.wire import Reference

CLUSTER: Final = "aws:eks/cluster:Cluster"


def answer(args: Registration, account: Account) -> dict[str, Any]:
    """The component's outputs; `eksCluster` is a reference to a resource, as from the real plugin."""
    name = args.text("name") or f"{args.name}-eksCluster-{hexadecimal(args.urn, 7)}"
    arn = make_arn(CLUSTER, region=account.region, account=account.id, parts={"name": name})
    plane = control_plane(args.urn, account)
    state = {**plane, "name": name, "arn": arn, "region": account.region, "version": args.text("version")}
    cluster = Reference(urn=child_urn(args.urn, CLUSTER, f"{args.name}-eksCluster"), id=name, state=state)

    issuer: str = plane["identities"][0]["oidcs"][0]["issuer"]
    provider = issuer.removeprefix("https://")
    kubeconfig = _kubeconfig(name, account.region, plane)
    return {
        "eksCluster": cluster,
        "core": {"cluster": cluster, "endpoint": plane["endpoint"]},
        "kubeconfig": kubeconfig,
        "kubeconfigJson": json.dumps(kubeconfig),
        "clusterSecurityGroupId": plane["vpcConfig"]["clusterSecurityGroupId"],
        "nodeSecurityGroupId": plane["vpcConfig"]["clusterSecurityGroupId"],
        "autoModeNodeRoleName": f"{args.name}-autoModeNodeRole-{hexadecimal('node ' + args.urn, 7)}",
        "oidcIssuer": provider,
        "oidcProviderUrl": issuer,
        "oidcProviderArn": f"arn:aws:iam::{account.id}:oidc-provider/{provider}",
    }


def _kubeconfig(name: str, region: str, plane: dict[str, Any]) -> dict[str, Any]:
    """The kubeconfig as the plugin writes it. It fetches a token from the AWS CLI, so it contains no secret."""
    user = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
    }
    cluster = {"server": plane["endpoint"], "certificate-authority-data": plane["certificateAuthority"]["data"]}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubernetes", "cluster": cluster}],
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [{"name": "aws", "user": {"exec": user}}],
    }
