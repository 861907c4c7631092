"""Whose fault an error is: the file's, or that of the moment. A file is set aside; for the moment one waits."""

from __future__ import annotations

import csv

OF_DATA = frozenset({"DataError", "IntegrityError"})
"""PostgreSQL refuses a value: PEP 249's names, as the driver is psycopg2 or psycopg 3."""
OF_KEYS = frozenset({"KeyTooLongError", "InvalidURI"})
FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, csv.Error)


def is_the_files(error: Exception) -> bool:
    """Whether the same file would fail again, however often it was tried.

    All that may pass is not: S3 or the warehouse away, credentials, permissions, memory. The task is tried again.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    response = getattr(error, "response", None)
    if "ClientError" in names and isinstance(response, dict):
        return response.get("Error", {}).get("Code") in OF_KEYS
    if {"BotoCoreError", "AirflowException", "OSError"} & names:
        return False
    return isinstance(error, FAULTS) or bool(OF_DATA & names)
