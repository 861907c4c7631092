"""What the cloud holds: one ComponentResource in each file."""
