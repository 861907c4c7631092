"""Questions to AWS, by its command line: what it says of credentials is what people know."""

from __future__ import annotations

import json
import subprocess
from typing import Any


class NoAnswerError(Exception):
    """AWS was not asked, or refused; the message names the command."""


def ask(*arguments: str) -> dict[str, Any]:
    """The answer to `aws ARGUMENTS`, within half a minute. NoAnswerError: there is none, or none that can be read."""
    command = ["aws", *arguments, "--output", "json"]
    line = " ".join(command)
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        return json.loads(asked.stdout)
    except subprocess.CalledProcessError as error:
        raise NoAnswerError(f"`{line}` failed: {error.stderr.strip()}") from error
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise NoAnswerError(f"`{line}` gave no answer: {error}") from error
