"""Model versions on disk: ``<store>/<kind>/<version>/`` with a manifest, and a pointer ``<store>/<kind>/active``.

A version is immutable and named by time and content. Nothing here unpickles anything: artefacts are ONNX, JSON,
``.npz``, ``.keras`` or CSV, and each is checked against its SHA-256 before use. What changes is the pointer alone,
in one rename: it names the version and the threshold method, so that both change together.
"""

from models.registry.activation import activate, choose_method, was_active
from models.registry.files import MANIFEST, sha256
from models.registry.listing import Listed, list_versions
from models.registry.pointer import DEFAULT_LINE, Pointer, read_pointer
from models.registry.publishing import publish
from models.registry.versions import KINDS, ModelVersion, open_version

__all__ = [
    "DEFAULT_LINE",
    "KINDS",
    "MANIFEST",
    "Listed",
    "ModelVersion",
    "Pointer",
    "activate",
    "choose_method",
    "list_versions",
    "open_version",
    "publish",
    "read_pointer",
    "sha256",
    "was_active",
]
