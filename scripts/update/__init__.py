"""What an update would do, does and did, told by the engine's events in words for people."""
