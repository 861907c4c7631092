"""The real engine: Pulumi's CLI, its Kubernetes provider and a Kubernetes control plane; doubles for AWS only."""
