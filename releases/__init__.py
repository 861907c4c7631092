"""The DAG release: its format, how one is built, pointed at and unpacked. What pods import too."""
