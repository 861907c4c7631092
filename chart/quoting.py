"""A value of airflow.cfg on its way through the chart.

The chart runs each value as a Go template and writes the result into a file, which Airflow reads with Python's
configparser. The value in the chart's values is such that Airflow finds what the settings have.
"""

from __future__ import annotations

BRACES = '{{ "{{" }}'


def quoted(value: str) -> str:
    """A line of text for the chart: `%` begins no interpolation, and two braces no template."""
    return value.replace("%", "%%").replace("{{", BRACES)


def unquoted(text: str) -> str:
    """What Airflow finds. Only the template that `quoted` writes is known here."""
    return text.replace(BRACES, "{{").replace("%%", "%")
