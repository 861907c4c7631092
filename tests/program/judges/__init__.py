"""The judges of the test suite: what Kubernetes, Helm and IAM would say, asked without a cluster or an account.

Each judge takes plain data (manifests, values, policy documents) and returns what it found; a test asserts on that.
"""
