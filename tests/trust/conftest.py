"""An installation of its own, small frames, and files signed with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from torch import Tensor
from torch.nn.functional import interpolate

from misora.core.seeds import generator
from misora.trust.claim import Making
from misora.trust.home import Home
from misora.trust.keys import credentials
from misora.trust.seal import sealed
from misora.video.clip import Clip
from misora.video.encode import write_clip
from misora.video.image import write_image

Sign = Callable[..., Path]


def smooth(name: str, num_frames: int = 4, size: tuple[int, int] = (64, 48)) -> Tensor:
    """Frames of soft colours that drift."""
    width, height = size
    coarse = torch.rand(1, 3, num_frames + 1, 6, 6, generator=generator(name))
    fine = interpolate(coarse, size=(num_frames, height, width), mode="trilinear", align_corners=True)
    return fine[0].permute(1, 0, 2, 3).mul(255).to(torch.uint8).contiguous()


@pytest.fixture(scope="session")
def frames() -> Tensor:
    """Four frames of 64x48."""
    return smooth("trust")


@pytest.fixture(scope="session")
def other_frames() -> Tensor:
    """Four frames that look different."""
    return smooth("elsewhere")


@pytest.fixture(scope="session")
def making() -> Making:
    """A model's words about a file."""
    return Making(model="tiny", model_sha256="a" * 64, canvas_sha256="b" * 64, seed=7)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh installation."""
    return Home(folder=tmp_path / "home")


@pytest.fixture(scope="session")
def kept_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One installation for tests that only read what it signed."""
    found = Home(folder=tmp_path_factory.mktemp("trust") / "kept")
    credentials(found)
    return found


@pytest.fixture(scope="session")
def sign(frames: Tensor, making: Making) -> Sign:
    """Make a finished file: `sign(path, home, making=..., frames=...)`."""

    def finished(path: Path, home: Home, *, making: Making = making, frames: Tensor = frames, **more: object) -> Path:
        with sealed(path, making, fps=8, home=home, **more) as seal:
            marked = seal.mark(frames)
            if path.suffix in (".png", ".jpg"):
                write_image(seal.path, marked[0], metadata={"comment": "made"})
            else:
                write_clip(Clip.at_rate(marked, 8), seal.path, metadata={"comment": "made"})
        return path

    return finished


@pytest.fixture(scope="session")
def signed(sign: Sign, kept_home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A signed file of every format, by suffix; tests copy before they change one."""
    folder = tmp_path_factory.mktemp("signed")
    return {suffix: sign(folder / f"made{suffix}", kept_home) for suffix in (".mp4", ".gif", ".webp", ".png", ".jpg")}


@pytest.fixture(scope="session")
def operator() -> Callable[..., tuple[Path, Path]]:
    """Write an operator's chain and key into a folder: `operator(folder, days=..., is_swapped=...)`."""

    def written(folder: Path, *, days: int = 30, starts_days: int = -1, swap: str = "") -> tuple[Path, Path]:
        root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        times = (starts_days, days)
        root = _certificate("Studio root", "Studio root", root_key, root_key, times, is_root=True)
        leaf = _certificate("Studio signer", "Studio root", leaf_key, root_key, times, is_root=False)
        chain = [root, leaf] if swap == "order" else [leaf, root]
        key = root_key if swap == "key" else leaf_key
        folder.mkdir(parents=True, exist_ok=True)
        certificates, secret = folder / "chain.pem", folder / "signer.key"
        certificates.write_bytes(b"".join(chain))
        secret.touch(mode=0o600)
        secret.write_bytes(key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()))
        return certificates, secret

    return written


def _certificate(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    times: tuple[int, int],
    *,
    is_root: bool,
) -> bytes:
    def name(common: str) -> x509.Name:
        return x509.Name.from_rfc4514_string(f"CN={common},O=Studio")

    start, end = (dt.datetime.now(dt.UTC) + dt.timedelta(days=days) for days in times)
    usage = x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False)
    made = (
        x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number(), start, end)
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(by, hashes.SHA256()).public_bytes(ser.Encoding.PEM)
