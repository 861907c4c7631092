"""The shell commands that pages tell people to type, as words. Pages are read by tests of both environments."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PROGRAMS = ("airflow", "aws", "helm", "jq", "kubectl", "make", "pulumi", "python")
KEYWORDS = ("do", "done", "while", "then", "{", "}")
SHELLS = ("", "sh", "console")
"""Languages of blocks; one without a language is shell too."""
SUBSTITUTION = "SUBSTITUTION"
"""Stands where the output of another command would stand."""


@dataclass(frozen=True)
class Command:
    """One command of one page."""

    page: str
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        return self.words[0]

    @property
    def own(self) -> tuple[str, ...]:
        """Its words up to `--`: what follows is another command, or no option."""
        return self.words[: self.words.index("--")] if "--" in self.words else self.words

    def option(self, name: str) -> str | None:
        """What follows an option of its own, in either form."""
        for word, following in zip(self.own, (*self.own[1:], ""), strict=True):
            if word == name:
                return following
            if word.startswith(f"{name}="):
                return word.partition("=")[2]
        return None

    @property
    def options(self) -> set[str]:
        return {word.partition("=")[0] for word in self.own if re.match(r"--[a-z]", word)}

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def pages() -> list[Path]:
    """Every page that people read."""
    return sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])


def commands(*programs: str) -> list[Command]:
    """All commands of these programs on all pages."""
    return [each for page in pages() for each in commands_of(page) if each.program in programs]


def commands_of(page: Path) -> Iterator[Command]:
    """Those in blocks of code, and those in the text that begin with a program's name."""
    name = page.relative_to(CHECKOUT).as_posix()
    blocks, prose = _parts(page.read_text(encoding="utf-8"))
    spans = [span for span in re.findall(r"`([^`\n]+)`", prose) if span.partition(" ")[0] in PROGRAMS]
    for source in [*blocks, *spans]:
        for words in parsed(source):
            yield Command(page=name, words=words)


def _parts(text: str) -> tuple[list[str], str]:
    """The blocks of shell, and all that is in no block."""
    blocks: list[str] = []
    prose: list[str] = []
    language: str | None = None
    for line in text.splitlines():
        if line.strip().startswith("```"):
            language = line.strip().removeprefix("```") if language is None else None
            blocks.append("")
        elif language is None:
            prose.append(line)
        elif language in SHELLS:
            blocks[-1] += line + "\n"
    return [textwrap.dedent(block) for block in blocks if block], "\n".join(prose)


def parsed(source: str) -> Iterator[tuple[str, ...]]:
    """The commands of a piece of shell, those whose output is put into others before these."""
    for line in _lines(source):
        while inner := re.search(r"\$\(([^()]*)\)", line):
            yield from parsed(inner[1])
            line = line[: inner.start()] + SUBSTITUTION + line[inner.end() :]
        words: list[str] = []
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&<>()")
        lexer.whitespace_split = True
        for word in [*lexer, ";"]:
            if not re.fullmatch(r"[;|&<>()]+", word):
                words.append(word)
                continue
            while words and (words[0] in KEYWORDS or re.fullmatch(r"[A-Z_0-9]+=.*|asked", words[0])):
                words.pop(0)
            if words and words[0] in PROGRAMS:
                yield tuple(words)
            words = []


def _lines(source: str) -> Iterator[str]:
    """Lines of shell, whole: a quote or a backslash may go on to the next."""
    line = ""
    for piece in source.replace("\\\n", " ").splitlines():
        line += piece.removeprefix("$ ") + "\n"
        try:
            shlex.split(line, comments=True)
        except ValueError:
            continue
        yield line.strip()
        line = ""
    if line:
        yield line
