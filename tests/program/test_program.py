"""The program as a whole: complete in every run, in the shape that docs/architecture.md gives a component."""

from __future__ import annotations

import re

from plan import UNKNOWN, Deployment, Secret, plan_stack
from plan.wire import Unknown, walk
from tests.program.conftest import planned

COMPONENTS = {
    "alisio:aws:Network": "network",
    "alisio:aws:DataStore": "data-store",
    "alisio:aws:Cache": "cache",
    "alisio:aws:DagBucket": "dags",
    "alisio:aws:LogBucket": "logs",
    "alisio:aws:DataBucket": "data",
    "alisio:aws:ObjectEvents": "events",
    "alisio:aws:AirflowCluster": "",
    "alisio:aws:Telemetry": "telemetry",
    "alisio:kubernetes:AirflowNamespaces": "airflow",
    "alisio:kubernetes:AirflowSecrets": "airflow",
    "alisio:aws:AirflowAccess": "airflow",
    "alisio:aws:Ingress": "",
    "alisio:aws:UserAccess": "airflow",
    "alisio:kubernetes:Airflow": "airflow",
    "alisio:aws:Monitoring": "monitoring",
    "alisio:index:Guard": "guard",
}
DAG_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
KEPT = {
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
}
"""A bucket, and what makes it private, encrypted and versioned."""
KUBERNETES_PROVIDER = "pulumi:providers:kubernetes"


def test_every_run_is_complete(any_run: Deployment) -> None:
    """Updated or previewed, each stack has all its components; it warns of nothing but the placeholders in its file.

    Single sign-on is one of them: prod's file has it as a comment, as nobody else's provider would do. So is who is
    told of dev's alarms.
    """
    prefix = f"{any_run.project}-{any_run.stack}"
    wanted = {(f"{prefix}-{name}".rstrip("-"), token) for token, name in COMPONENTS.items()}
    top = {(each.name, each.type) for each in any_run.children(any_run.stack_urn)}
    assert top == wanted
    placeholders = re.compile("alisio:access: .*|alisio:monitoring: nobody is told .*|.* put yours")
    assert [text for text in any_run.warnings if not placeholders.fullmatch(text)] == []


def test_every_resource_lies_below_a_component_of_ours(any_run: Deployment) -> None:
    """Nothing stands at top level but components: __main__ is a diagram, no place for resources."""
    for resource in any_run.resources[1:]:
        lineage = [resource, *any_run.ancestors(resource)]
        assert any(each.type in COMPONENTS for each in lineage), resource.urn
        if resource.custom:
            assert any_run.by_urn[resource.parent].type.startswith("alisio:"), resource.urn


def test_children_are_named_after_their_component(stack: Deployment) -> None:
    """A child's name begins with its parent's, so two components of one kind never clash."""
    for resource in stack.resources[1:]:
        parent = stack.by_urn[resource.parent]
        if parent.urn != stack.stack_urn:
            assert resource.name == parent.name or resource.name.startswith(f"{parent.name}-"), resource.urn


def test_components_say_what_they_made(any_run: Deployment) -> None:
    """Each component registers outputs; one that forgets to looks as if it were still being made."""
    for resource in any_run.resources[1:]:
        if resource.type.startswith("alisio:"):
            assert resource.outputs, resource.urn


def test_a_preview_shows_the_same_resources_as_the_update() -> None:
    """What a preview does not know hides no resource, no protection, and no dependency."""
    for name in ("dev", "prod"):
        update, preview = planned(name), planned(name, preview=True)
        assert [each.urn for each in preview.resources] == [each.urn for each in update.resources]
        for before, after in zip(preview.resources, update.resources, strict=True):
            assert (before.protect, before.provider) == (after.protect, after.provider), before.urn
            assert set(before.dependencies) == set(after.dependencies), before.urn


def test_a_preview_knows_no_outputs() -> None:
    """The preview is a real one: what only AWS can tell is unknown in it."""
    release = planned("prod", preview=True).one("kubernetes:helm.sh/v3:Release", "alisio-prod-airflow")
    assert release.inputs["values"] is UNKNOWN
    leaves = [leaf for each in planned("prod").resources for _, leaf in walk(each.inputs)]
    assert not any(isinstance(leaf, Unknown) for leaf in leaves)


def test_the_program_depends_on_nothing_but_its_settings(dev: Deployment) -> None:
    """Two runs register the same inputs: no clock, no chance, no look into the environment."""
    again = plan_stack("dev")
    assert [(each.urn, each.inputs) for each in again.resources] == [(each.urn, each.inputs) for each in dev.resources]


def test_kubernetes_objects_go_to_the_clusters_own_provider(any_run: Deployment) -> None:
    """No Kubernetes object is made by the provider of somebody's kubeconfig."""
    provider = any_run.one(KUBERNETES_PROVIDER)
    objects = [each for each in any_run.resources if each.type.startswith("kubernetes:")]
    assert objects
    for each in objects:
        assert each.provider == provider.urn, each.urn


def test_nothing_is_left_behind(any_run: Deployment) -> None:
    """`pulumi destroy` deletes what `pulumi up` made, and no drift is ignored.

    DAG releases outlive their resource: a run may still need one. Buckets, and the keys of what is in them and in the
    final snapshot, outlive a stack that does not say otherwise: tests/program/test_protection.py.
    """
    keeps_data = any_run.stack == "prod"
    for resource in any_run.resources:
        kept = resource.type == DAG_OBJECT or (keeps_data and resource.type in KEPT)
        if not (keeps_data and resource.type == "aws:kms/key:Key"):
            assert resource.retain_on_delete == kept, resource.urn
        assert resource.ignore_changes == (), resource.urn


def test_no_text_is_made_of_an_output(any_run: Deployment) -> None:
    """No input holds the text that Python makes of an Output."""
    for resource in any_run.resources:
        for path, leaf in walk(resource.inputs):
            text = str(leaf.value if isinstance(leaf, Secret) else leaf)
            assert "pulumi.output.Output" not in text, f"{resource.urn} {path}"
            assert "Calling __str__" not in text, f"{resource.urn} {path}"
