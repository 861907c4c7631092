"""What each provider would answer, by type of resource."""
