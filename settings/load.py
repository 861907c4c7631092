"""Settings from Pulumi's configuration: the only module that reads it, and the only one here that imports Pulumi."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pulumi
import pulumi.runtime.config

from refused import Refused
from settings.advice import advice
from settings.reading import read
from settings.stack import Stack
from settings.stack_file import namespace, parsed

SAID_ALREADY = 32
"""Exit status by which a program tells Pulumi that its message has been said.

After any other status, also that of a RunError, Pulumi adds "an unhandled error occurred" to it:
https://github.com/pulumi/pulumi/blob/master/sdk/python/cmd/pulumi-language-python/main.go
"""


class SaidAlready(SystemExit):
    """The end of a program that was refused. Its text is what Pulumi has shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(SAID_ALREADY)


@contextmanager
def shown_by_pulumi() -> Generator[None]:
    """What is refused meanwhile is one message of Pulumi's, without a traceback, and ends the program."""
    try:
        yield
    except Refused as error:
        text = "\n  -> ".join(filter(None, (str(error), error.way_out)))
        pulumi.log.error(text)
        raise SaidAlready(text) from None


def load() -> Stack:
    """The settings of the current stack. Logs a warning for what is allowed and yet looks wrong.

    Wrong settings raise a SettingsError that lists every mistake, before any resource is made.
    """
    project, stack = pulumi.get_project(), pulumi.get_stack()
    # pulumi.Config only answers for a key by its name. To refuse unknown keys, all keys must be seen.
    everything: dict[str, str] = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    config = {key: parsed(text) for key, text in everything.items()}
    in_environment = pulumi.runtime.config.get_config_secret_keys_env()
    loaded = read(
        project=project,
        stack=stack,
        own=namespace(config, project),
        aws=namespace(config, "aws"),
        encrypted=[key for key in everything if pulumi.runtime.config.is_config_secret(key) or key in in_environment],
        plain_secrets=False,
    )
    for line in advice(loaded):
        pulumi.log.warn(line)
    return loaded
