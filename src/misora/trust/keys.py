"""Keys and certificates: our own, made on first use, or the operator's.

Our own are a root that signs one leaf, both on P-256, and an Ed25519 key for the log. A root made here proves only that a
file comes from this installation; no public list knows it.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from misora.core.errors import KeysError, OutputError
from misora.trust.home import Home, read_private

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_ROOT, _SIGNER, _SIGNER_KEY, _AUDIT_KEY = "root.pem", "signer.pem", "signer.key", "audit.key"
_YEARS = 20  # there is no time stamp by default, so a signature is as good as its certificate is long
_BACKDATED = dt.timedelta(minutes=5)  # clocks of readers differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """With what a file is signed.

    Attributes:
        chain_pem: certificates, leaf first, root last.
        key_pem: the leaf's key, PKCS#8.
    """

    chain_pem: bytes
    key_pem: bytes

    @property
    def root_pem(self) -> bytes:
        """The last certificate of the chain, by which readers know us."""
        marker = b"-----BEGIN CERTIFICATE-----"
        return marker + self.chain_pem.rpartition(marker)[2]


def credentials(home: Home) -> Credentials:
    """Read what files are signed with; our own keys are made on first use, with mode 0600.

    Args:
        home: of the installation.

    Returns:
        Chain and key, checked to be valid now and to belong together.

    Raises:
        KeysError: if a file is missing, broken, expired, of another kind, or readable by others.
        OutputError: if keys cannot be written.
    """
    signer = home.settings.signer
    if signer.certificates is not None and signer.key is not None:
        found = Credentials(chain_pem=_read(signer.certificates), key_pem=_read(signer.key))
        where = signer.certificates
    else:
        folder = _own(home)
        chain = _read(folder / _SIGNER) + _read(folder / _ROOT)
        found = Credentials(chain_pem=chain, key_pem=_read(folder / _SIGNER_KEY))
        where = folder / _SIGNER
    _check(found, where)
    return found


def known_roots(home: Home) -> tuple[bytes, bytes]:
    """Read the certificates by which files are judged; nothing is made.

    Args:
        home: of the installation.

    Returns:
        Our own root in PEM, empty where there is none yet; and those of others that the settings name.

    Raises:
        KeysError: if one of them cannot be read or is no certificate: by such a one intact files would look changed.
    """
    signer, own = home.settings.signer, home.folder / "keys" / _ROOT
    if signer.certificates is not None:
        ours = Credentials(chain_pem=_certificates(signer.certificates), key_pem=b"").root_pem
    else:
        ours = _certificates(own) if own.is_file() else b""
    return ours, b"".join(_certificates(path) for path in home.settings.known)


def leaf_serial(home: Home) -> int | None:
    """Number of the operator's own certificate; None where our own root tells which files are ours.

    Args:
        home: of the installation.

    Returns:
        The serial number.

    Raises:
        KeysError: if the chain cannot be read.
    """
    if (path := home.settings.signer.certificates) is None:
        return None
    return _chain(_read(path, is_secret=False), path)[0].serial_number


def audit_key(home: Home) -> Any:
    """Read the key that signs the log, made on first use.

    Args:
        home: of the installation.

    Returns:
        An `Ed25519PrivateKey`.

    Raises:
        KeysError: if it is broken or readable by others.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = _own(home) / _AUDIT_KEY
    secret = _read(path)
    try:
        return Ed25519PrivateKey.from_private_bytes(secret)
    except ValueError as error:
        raise KeysError(f"{path} is no Ed25519 key ({error}); restore it from a copy") from error


def _own(home: Home) -> Path:
    """Make our own keys unless they are there: a whole folder appears at once, or none."""
    folder = home.folder / "keys"
    if folder.is_dir():
        return folder
    home.make()
    try:
        fresh = Path(tempfile.mkdtemp(prefix="keys-", dir=home.folder))  # mode 0700
        try:
            _make(fresh)
            fresh.rename(folder)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if not folder.is_dir():  # otherwise another process was first, and its keys are as good
                raise
    except OSError as error:
        raise OutputError(f"cannot write keys to {folder}: {error.strerror}; free some space") from error
    return folder


def _make(folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    number = f"{root_key.public_key().public_numbers().x:064x}"[:8]
    root_name, leaf_name = f"misora {number} root", f"misora {number}"
    pem = (ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption())
    raw = (ser.Encoding.Raw, ser.PrivateFormat.Raw, ser.NoEncryption())
    content = {
        _ROOT: _certificate(root_name, root_name, root_key, root_key, is_root=True),
        _SIGNER: _certificate(leaf_name, root_name, leaf_key, root_key, is_root=False),
        _SIGNER_KEY: leaf_key.private_bytes(*pem),
        _AUDIT_KEY: ed25519.Ed25519PrivateKey.generate().private_bytes(*raw),
    }  # the root's key is used this once and kept nowhere
    for name, data in content.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(data)


def _certificate(
    subject: str,
    issuer: str,
    key: EllipticCurvePrivateKey,
    signing_key: EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> bytes:
    """The profile of C2PA: usages critical, key identifiers, an organisation in the name."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    def name(common: str) -> x509.Name:
        return x509.Name.from_rfc4514_string(f"CN={common},O=misora")

    start = dt.datetime.now(dt.UTC) - _BACKDATED
    end = start + dt.timedelta(days=365 * _YEARS)
    certify = (
        x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number(), start, end)
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(
            x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_root:
        of_issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
        certify = certify.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        ).add_extension(of_issuer, critical=False)
    return certify.sign(signing_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _read(path: Path, *, is_secret: bool = True) -> bytes:
    try:
        return read_private(path) if is_secret and path.suffix == ".key" else path.read_bytes()
    except FileNotFoundError as error:
        raise KeysError(f"no key or certificate at {path}; restore it, or name another in trust.toml") from error
    except OSError as error:
        raise KeysError(f"cannot read {path}: {error.strerror}; it must be readable by you") from error


def _certificates(path: Path) -> bytes:
    """A file that holds certificates, and nothing that a reader would stumble over."""
    pem = _read(path, is_secret=False)
    _chain(pem, path)
    return pem if pem.endswith(b"\n") else pem + b"\n"


def _chain(pem: bytes, where: Path) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise KeysError(f"{where} holds no certificates in PEM ({error}); give the chain, leaf first") from error


def _check(found: Credentials, where: Path) -> None:
    """Say in words what a signer would refuse in codes."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    chain, now = _chain(found.chain_pem, where), dt.datetime.now(dt.UTC)
    for certificate in chain:
        name = certificate.subject.rfc4514_string()
        if now > certificate.not_valid_after_utc:
            raise KeysError(
                f"the certificate {name} in {where} expired on {certificate.not_valid_after_utc:%Y-%m-%d}; renew it"
            )
        if now < certificate.not_valid_before_utc:
            raise KeysError(f"the certificate {name} in {where} is not valid yet; set the clock, or wait")
    try:
        key = load_pem_private_key(found.key_pem, None)
    except (ValueError, TypeError) as error:
        raise KeysError(f"the key for {where} cannot be read ({error}); give PKCS#8 in PEM without password") from error
    if key.public_key() != chain[0].public_key():
        raise KeysError(f"the key is not that of the first certificate in {where}; the leaf comes first, the root last")
    for lower, upper in pairwise(chain):
        if lower.issuer != upper.subject:
            raise KeysError(f"{where} is no chain: {lower.subject.rfc4514_string()} is not signed by the next one")
