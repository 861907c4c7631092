"""A private certificate authority in place of those of AWS. The first start makes it."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import dataclass
from pathlib import Path

from local.differences import AIRFLOW_HOST
from local.state import State, made_whole

YEARS = 10
NAMES = ("localhost", "127.0.0.1", AIRFLOW_HOST)


@dataclass(frozen=True)
class Certificates:
    """What a server presents, and what a client trusts."""

    directory: Path

    @property
    def authority(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.directory / "server.pem"

    @property
    def key(self) -> Path:
        return self.directory / "server.key"


def certificates(state: State) -> Certificates:
    """The certificates of this data directory. The authority's key is never written, so it signs only this one."""
    if not _is_current(Certificates(state.certificates)):
        shutil.rmtree(state.certificates, ignore_errors=True)
        with made_whole(state.certificates) as making:
            _make(Certificates(making))
    return Certificates(state.certificates)


def _is_current(files: Certificates) -> bool:
    """Whether they are there, for all names. An older version of this program made them for fewer."""
    from cryptography import x509

    if not files.key.exists():
        return False
    made = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(NAMES) == {str(name.value) for name in names}


def _make(files: Certificates) -> None:
    import trustme

    authority = trustme.CA(organization_name="Alisio local")
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365 * YEARS)
    server = authority.issue_cert(*NAMES, not_after=until)
    authority.cert_pem.write_to_path(files.authority)
    for blob in server.cert_chain_pems:
        blob.write_to_path(files.certificate, append=True)
    server.private_key_pem.write_to_path(files.key)
    files.key.chmod(0o600)
    files.directory.chmod(0o755)
