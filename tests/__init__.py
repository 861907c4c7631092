"""The tests of the platform: what holds for every stack, stated as invariants of what the program registers."""
