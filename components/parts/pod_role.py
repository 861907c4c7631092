"""What one Kubernetes service account may do in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from components.parts.iam import Statement, assumable_by, document
from settings import Site


@final
class PodRole(pulumi.ComponentResource):
    """An IAM role for the pods of one service account, by EKS Pod Identity. It may do what it is granted, no more.

    A pod gets its identity when it is admitted. So the role, with all its grants, must exist before the pods.
    """

    service_account: str
    arn: Output[str]

    def __init__(
        self,
        name: str,
        site: Site,
        *,
        cluster_name: Input[str],
        cluster_arn: str,
        namespace: str,
        service_account: str,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:PodRole", name, None, opts)
        child = ResourceOptions(parent=self)
        self.service_account = service_account
        self._name = name
        self._role = aws.iam.Role(
            name,
            path=f"/{site.path}/pods/",
            description=f"Pods of {namespace}/{service_account}",
            assume_role_policy=assumable_by(
                "pods.eks.amazonaws.com",
                actions=("sts:AssumeRole", "sts:TagSession"),
                when={
                    "StringEquals": {
                        "aws:RequestTag/eks-cluster-arn": cluster_arn,
                        "aws:RequestTag/kubernetes-namespace": namespace,
                        "aws:RequestTag/kubernetes-service-account": service_account,
                    }
                },
            ),
            opts=child,
        )
        aws.eks.PodIdentityAssociation(
            name,
            cluster_name=cluster_name,
            namespace=namespace,
            service_account=service_account,
            role_arn=self._role.arn,
            opts=child,
        )
        self.arn = self._role.arn
        self.register_outputs({"arn": self.arn})

    def permit(self, what: str, statements: Sequence[Statement]) -> None:
        """Add statements to the role, under a name that says what they are for."""
        aws.iam.RolePolicy(
            f"{self._name}-{what}", role=self._role.name, policy=document(statements), opts=ResourceOptions(parent=self)
        )
