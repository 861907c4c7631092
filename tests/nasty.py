"""Values of airflow.cfg that YAML, Go's templates, configparser or a shell read as something else."""

from __future__ import annotations

from hypothesis import strategies as st

VALUES = (
    *("p%ss-100%", "%", "%%", "%(section)s", "%%s", "[%(asctime)s] %(message)s"),
    *(
        "{{ ti.dag_id }}/{{ try_number }}.log",
        "{{",
        "}}",
        "{{{",
        "{{{{",
        "}}{{",
        '{{ "{{" }}',
        "{{- .Values -}}",
        "{{/* x */}}",
    ),
    *("`date`", "'a'", '"a"', "'", '"', "\\", "\\n", "a\\", "{}", '{"a": {"b": [1]}}'),
    *(
        "# a",
        "; a",
        "a # b",
        "a ; b",
        "a: b",
        "- a",
        "? a",
        "& a",
        "* a",
        "! a",
        "| a",
        "> a",
        "@a",
        "[a]",
        "[",
        "---",
        "...",
    ),
    *("= a", ": a", "a = b", "a : b", "$", "$$", "$(A)", "a\tb", "ção", "😀", "", "0100", "yes", "~a", "null"),
)
PIECES = (
    "%",
    "%%",
    "{{",
    "}}",
    "{",
    "}",
    '"',
    "'",
    "`",
    "#",
    ";",
    "=",
    ":",
    "\\",
    " ",
    "a",
    "é",
    "😀",
    "s",
    "(",
    ")",
    "-",
    "/*",
)
LINES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join).map(str.strip)
"""Lines of text, made of the pieces that mean something to somebody."""
