"""What the commands of `python -m local` do. Each returns an exit status, and raises `Refused` where it cannot."""
