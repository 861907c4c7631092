"""The platform's health as data: which metrics exist, which alarms watch them, what a dashboard shows.

CloudWatch evaluates the alarms on AWS, and `health.evaluation` evaluates the same alarms on one machine.
"""
