"""What the cloud holds: one ComponentResource a file, and the pure functions behind them."""
