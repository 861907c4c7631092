"""Folders of DAGs: any that a release may be made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from releases.format import clashes, path_problem
from releases.ignored import is_leftover

Tree = dict[str, bytes]

_parts = st.text(alphabet="abXY09_-. é東", min_size=1, max_size=12)
_paths = (
    st.lists(_parts, min_size=1, max_size=3)
    .map(lambda parts: "/".join(parts))
    .filter(lambda path: path_problem(path) is None and not any(map(is_leftover, path.split("/"))))
)
long_paths: st.SearchStrategy[str] = (
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60), min_size=1, max_size=4)
    .map(lambda parts: "/".join(parts))
    .filter(lambda path: path_problem(path) is None)
)
trees: st.SearchStrategy[Tree] = st.dictionaries(_paths, st.binary(max_size=1100), min_size=1, max_size=6).filter(
    lambda files: not clashes(files)
)


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Put files below a folder, over what is there."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
