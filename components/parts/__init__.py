"""What components are built of."""
