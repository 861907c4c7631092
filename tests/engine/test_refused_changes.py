"""What the cloud of the doubles refuses, as AWS does."""

from __future__ import annotations

import pytest

from tests.engine.cloud import CloudError, Thing
from tests.engine.refused_changes import REPLICATION_GROUP, refuse_change


def broker(token: str, strategy: str) -> Thing:
    """A replication group as the last update left it."""
    inputs = {"authToken": token, "authTokenUpdateStrategy": strategy}
    return Thing(type=REPLICATION_GROUP, id="r", name="r", urn="r", seed="r", inputs=inputs, outputs=inputs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("old", "ROTATE"), ("new", "ROTATE")),
        (("old", "SET"), ("new", "ROTATE")),
        (("new", "ROTATE"), ("new", "SET")),
        (("new", "SET"), ("new", "SET")),
    ],
)
def test_a_token_may_be_added_and_then_be_the_only_one(before: tuple[str, str], after: tuple[str, str]) -> None:
    """ROTATE adds any token; SET makes the one that was added last the only one; no change is no request."""
    refuse_change(broker(*before), broker(*after).inputs)


@pytest.mark.parametrize("before", [("old", "ROTATE"), ("old", "SET")])
def test_a_token_that_was_not_added_cannot_be_the_only_one(before: tuple[str, str]) -> None:
    """SET is allowed only after ROTATE of the same token.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
    """
    with pytest.raises(CloudError, match="only after ROTATE"):
        refuse_change(broker(*before), broker("new", "SET").inputs)
