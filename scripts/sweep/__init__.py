"""What a stack that was destroyed has left in AWS: things that services made, and that no state knows."""
