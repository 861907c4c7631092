"""A module that tasks import when they run."""

PART = "first"
