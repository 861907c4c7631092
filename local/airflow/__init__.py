"""Airflow itself: its environment, its database, its API."""
