"""Airflow itself: its environment, its processes, its databases, its API."""
