"""What AWS refuses to change, so that an update that AWS would stop does not pass here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.engine.cloud import CloudError, Thing
from tests.engine.raw import clear

REPLICATION_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"


def refuse_change(thing: Thing, news: Mapping[str, Any]) -> None:
    """Refuse as AWS would: ElastiCache makes a token the only one (SET) after that token was added (ROTATE).

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
    """
    olds, wanted = clear(thing.inputs), clear(news)
    if thing.type != REPLICATION_GROUP or wanted.get("authTokenUpdateStrategy") != "SET":
        return
    added = olds.get("authToken") == wanted.get("authToken") and olds.get("authTokenUpdateStrategy") == "ROTATE"
    unchanged = all(olds.get(key) == wanted.get(key) for key in ("authToken", "authTokenUpdateStrategy"))
    if not added and not unchanged:
        raise CloudError(f"InvalidParameterValue: {thing.type} {thing.id}: SET is allowed only after ROTATE")
