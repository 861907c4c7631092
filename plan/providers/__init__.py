"""The answers of each provider, by type of resource."""
