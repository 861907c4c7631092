"""Amazon's certificate authorities for RDS, as the pods have them."""

from __future__ import annotations

from importlib.resources import files

NAME = "rds-ca-bundle"
"""Name of the ConfigMap in each namespace whose pods connect to the database."""
FILE = "global-bundle.pem"
FOLDER = "/etc/rds-ca"
PATH = f"{FOLDER}/{FILE}"
"""Where the pods find the bundle."""
PEM = files("chart").joinpath("rds-global-bundle.pem").read_text()
"""Root certificates for RDS of every commercial region."""
TLS_ENVIRONMENT = {
    # Not in the URL. psycopg2, asyncpg and KEDA's driver all read these; only one of them knows `sslmode` in a URL.
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": PATH,
}
