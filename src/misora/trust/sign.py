"""A manifest signed into a file: the last write of every finished file.

Everything runs offline: manifests that lie elsewhere are not fetched, revocation is not asked, and no time stamp is taken
unless the settings name an authority.
"""

from __future__ import annotations

import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from misora.core.errors import SigningError
from misora.trust.claim import ParentState, ingredient
from misora.trust.jumbf import parent_hashes
from misora.trust.keys import Credentials

MAX_MANIFEST_BYTES = 64 << 20
_PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


def context(anchors_pem: bytes) -> Any:
    """Settings of c2pa: offline, without thumbnails, and trusting these anchors alone.

    Args:
        anchors_pem: roots in PEM; empty trusts nobody.

    Returns:
        A `c2pa.Context`, to be closed.
    """
    import c2pa

    offline = {"remote_manifest_fetch": False, "ocsp_fetch": False}
    settings: dict[str, Any] = {
        "verify": {"verify_trust": True, "verify_after_sign": True, **offline},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if anchors_pem:  # an empty list of anchors is an error there
        settings["trust"] = {"trust_anchors": anchors_pem.decode()}
    return c2pa.Context.from_dict(settings)


def sign(
    source: Path,
    target: Path,
    claim: Mapping[str, Any],
    *,
    signer: Credentials,
    parents: Sequence[tuple[ParentState, Path]] = (),
    timestamp_url: str = "",
) -> bytes:
    """Copy a finished file with its manifest signed into it.

    Args:
        source: the file as encoded.
        target: an empty file, not yet under its final name.
        claim: what the manifest says.
        signer: with what it is signed.
        parents: files that went into it, as verified, and where they lie.
        timestamp_url: RFC 3161 authority; "" asks nobody.

    Returns:
        The manifest store as embedded.

    Raises:
        SigningError: if it could not be signed or written; what stands at the target is not whole.
    """
    import c2pa

    certificate = c2pa.C2paSignerInfo(
        c2pa.C2paSigningAlg.ES256, signer.chain_pem, signer.key_pem, timestamp_url.encode() or None
    )
    with _told(target), context(signer.root_pem) as settings, c2pa.Builder(dict(claim), context=settings) as builder:
        for index, (parent, path) in enumerate(parents):
            with path.open("rb") as file:
                builder.add_ingredient(ingredient(parent, index, len(parents)), parent.mime, file)
        with source.open("rb") as unsigned, target.open("w+b") as signed:
            with c2pa.Signer.from_info(certificate) as by:
                manifest = builder.sign(by, claim["format"], unsigned, signed)
            signed.flush()
    return bytes(manifest)


def parent_manifests(
    claim: Mapping[str, Any], *, signer: Credentials, parents: Sequence[tuple[ParentState, Path]]
) -> list[str]:
    """Find out which manifests the parents will bring into the file, by signing a picture of one pixel with them.

    What binds a child to its parents' manifests leaves some of their bytes unhashed, so the child's own manifest names the
    hash of each.

    Args:
        claim: what the manifest says so far.
        signer: with what it is signed.
        parents: files that go into it, as verified, and where they lie.

    Returns:
        SHA-256 of each, sorted.

    Raises:
        SigningError: if a parent cannot be read.
    """
    if not parents:
        return []
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "pixel.png"), Path(folder, "signed.png")
        source.write_bytes(_PIXEL)
        return parent_hashes(sign(source, target, {**claim, "format": "image/png"}, signer=signer, parents=parents))


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """What may go wrong inside, as one error."""
    import c2pa

    try:
        yield
    except OSError as error:
        raise SigningError(
            f"cannot sign {target.name}: {error.strerror}; nothing was written: free some space"
        ) from error
    except c2pa.C2paError as error:
        raise SigningError(
            f"cannot sign {target.name}: {error}; nothing was written. Look at the certificates and the disk"
        ) from error
