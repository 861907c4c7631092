"""Runs the processes, stops them, and shows their logs."""
