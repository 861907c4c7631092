"""Runs a program with exactly the environment that a file holds. The file is private; a command line is not."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    environment = json.loads(Path(sys.argv[1]).read_text())
    program = sys.argv[2]
    os.execvpe(program, sys.argv[2:], environment)
