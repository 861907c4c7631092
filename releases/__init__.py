"""The DAG release: its format, and how one is built, pointed at and unpacked. Pods import this too."""
