"""YAML that people write, that YAML 1.1 and 1.2 read differently, or that nobody can read.

Each text is the value of a key of a stack file. The settings' reader and the real CLI are asked about them.
"""

from __future__ import annotations

import textwrap

READ = (
    *("yes", "no", "on", "off", "Yes", "NO", "y", "n", "true", "True", "TRUE", "false", "~", "null", "NULL", "tRue"),
    *(
        "0",
        "7",
        "-7",
        "+7",
        "007",
        "0100",
        "08",
        "-010",
        "0o17",
        "0o8",
        "-0o17",
        "0x1F",
        "-0x1F",
        "0b101",
        "0b2",
        "1_000",
        "_1",
    ),
    *("052812345678", "111122223333", "012345670123", "18446744073709551615", "18446744073709551616"),
    *("9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0xFFFFFFFFFFFFFFFF"),
    *(
        "1.5",
        "1.50",
        "1.0",
        "1.",
        ".5",
        "-.5",
        "+.5",
        ".5_5",
        "1e3",
        "1E3",
        "1e-3",
        "1e21",
        "1e22",
        "1e400",
        "1_0.5",
        "0.1",
        ".",
        "+",
    ),
    *("1:04", "190:20:30", "1:04.5", "12:30:45"),
    *(
        "2026-01-31",
        "2026-1-3",
        "2026-02-30",
        "2026-01-31T10:00:00Z",
        "2026-01-31 10:00:00",
        "2026-01-31 10:00",
        "26-01-31",
    ),
    *("'2026-01-31'", '"0100"', "'yes'", '"~"', "''", '"a\\u00e9\\n"', "a#b", "a # b", "50%", "=", "<"),
    *("!!str 12", "!!str yes", '!!int "12"', "!!float 1", "!!bool true", "!!str", "!!null ''"),
    *("[a, 'b', 1, 1.0, yes, ~]", "{a: 1, b: [x, {c: 2026-01-31}]}", "[]", "{}", "[a,]", "{yes: 1, on: 2}"),
    "|\n  one\n  two\n",
    ">-\n  one\n  two\n",
    "|2-\n    indented\n",
    "&x {a: 1}",
    "[&d x, *d]",
    "{base: &b {a: 1, b: 2}, more: {<<: *b, b: 3}}",
    "{base: &c {a: 1, b: 2}, more: {b: 3, <<: *c}}",
    "{one: &o {a: 1, b: 1}, two: &t {b: 2, c: 2}, both: {<<: [*o, *t], d: 3}}",
    '{a: "x\ty"}',
    "{\ta: 1}",
    "{1: a, true: b, 1.5: c, -3: d}",
    "{a:\t1}",
    "ção",
    "'😀'",
)
"""Read, and to the same value."""
REFUSED = (
    "{a: 1, a: 2}",
    "{a: 1, 'a': 2}",
    "{[a]: b}",
    "{base: &b {a: 1}, more: {<<: *b, <<: *b}}",
    "{more: {<<: 1}}",
    "{more: {<<: [1]}}",
    "*nowhere",
    "&a [*a]",
    "[a",
    "{a: b",
    "'a",
    "a: b: c",
    "\n\ta: 1",
    "@a",
    "`a`",
    "%a",
    "!!int x",
    "!!bool yes",
    "!!float x",
    ".nan",
    ".inf",
    "-.Inf",
    "\x07",
)
"""Read by nobody."""
STRICTER = (
    *("{0100: a}", "{True: a}", "{~: a}", "{1.50: a}", "{2026-01-31: a}"),
    *("!foo x", "!!binary aGk=", "!!timestamp 2026-01-31", "!!set {a}", "!!map x", "[&a x, &a y, *a]", "!foo {a: 1}"),
)
"""Read by the CLI, in ways that nobody means. Refused here."""


def stack_file(value: str, key: str = "alisio:key") -> str:
    """A stack file with the value of one key, below a list: as the settings have them."""
    return f"config:\n  {key}:\n    inside: " + textwrap.indent(value, "    ").lstrip(" ") + "\n"
