"""The command line for the platform's life in AWS, on Pulumi's Automation API."""
