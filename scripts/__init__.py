"""Programs on the Automation API: the platform's life in AWS."""
