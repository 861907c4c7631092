"""A project on disk, with two components and two stacks."""

from __future__ import annotations

from pathlib import Path

PROGRAM = """
from pathlib import Path
import pulumi
import small_part

config = pulumi.Config()
if config.get_bool("broken"):
    raise pulumi.RunError("small:broken: must be false")
if config.get_bool("buggy"):
    raise ZeroDivisionError("a mistake in the code")
if config.get_bool("shout"):
    pulumi.log.error("the house is on fire")
store = small_part.Store("store")
web = small_part.Web("web", store, config.get_object("values") or {})
pulumi.export("cwd", Path.cwd().name)
pulumi.export("password", store.password)
pulumi.export("url", "https://example.com")
pulumi.log.warn("only one zone")
"""
PART = """
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
from pathlib import Path
from pulumi import ResourceOptions


PAGE = Path(__file__).parent / "page.html"


class Store(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("small:aws:DataStore", name)
        child = ResourceOptions(parent=self)
        protected = ResourceOptions(parent=self, protect=True)
        self.password = random.RandomPassword(f"{name}-password", length=24, opts=protected).result
        self.group = aws.ec2.SecurityGroup(f"{name}-group", opts=child)
        self.database = aws.rds.Instance(
            f"{name}-database", engine="postgres", engine_version="17", multi_az=True, instance_class="db.t4g.micro",
            password=self.password, opts=protected,
        )
        self.register_outputs({"password": self.password})

    def allow(self, group):
        aws.vpc.SecurityGroupIngressRule(
            "rule", security_group_id=self.group.id, referenced_security_group_id=group.id, ip_protocol="tcp",
            from_port=5432, to_port=5432, opts=ResourceOptions(parent=self),
        )


class Web(pulumi.ComponentResource):
    def __init__(self, name, store, values):
        super().__init__("small:kubernetes:Web", name)
        child = ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(f"{name}-group", opts=child)
        store.allow(group)
        aws.s3.BucketObjectv2(
            f"{name}-page", bucket="pages", source=pulumi.FileAsset(str(PAGE)), opts=child
        )
        kubernetes.helm.v3.Release(
            f"{name}-release", name="airflow", chart="airflow", version="1.2.3", opts=child,
            values={"host": store.database.address, "script": "one\\ntwo\\n", "replicas": 2, **values},
        )
        self.register_outputs({})
"""


def write_project(folder: Path) -> Path:
    """Write the project into a new folder."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("{name: small, runtime: python}")
    (folder / "Pulumi.dev.yaml").write_text("config: {aws:region: eu-west-1}")
    (folder / "Pulumi.prod.yaml").write_text("config: {aws:region: eu-west-1, small:token: {secure: 'v1:abc'}}")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "small_part.py").write_text(PART)
    (folder / "page.html").write_text("<p>hello</p>")
    return folder
