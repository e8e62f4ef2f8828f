"""
Fills in the addresses of the project when it is built: hatchling calls it.

`VOREL_SOURCE` is the address of the repository and `VOREL_REF` a tag of it, as the release workflow
sets them. Then the package names its pages, and links and pictures of its README are absolute, as
a package index needs them. Without `VOREL_SOURCE`, nothing is made up: there are no addresses, and
the README is as it is.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


class AddressesHook(MetadataHookInterface):
    """Sets `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add them to the metadata of the project."""
        source = os.environ.get("VOREL_SOURCE", "").rstrip("/")
        ref = os.environ.get("VOREL_REF", "main")
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(text, source, ref) if source else text,
        }
        metadata["urls"] = addresses(source, ref) if source else {}


def addresses(source: str, ref: str) -> dict[str, str]:
    """Return the addresses of a project whose repository is at `source`."""
    return {
        "Source": source,
        "Documentation": f"{source}/blob/{ref}/docs/index.md",
        "Changelog": f"{source}/blob/{ref}/CHANGELOG.md",
        "Issues": f"{source}/issues",
    }


def absolute(text: str, source: str, ref: str) -> str:
    """Return a text in Markdown with absolute links and pictures."""

    def replaced(found: re.Match[str]) -> str:
        sign, words, path, anchor = found.groups()
        kind = "raw" if sign else "blob"
        return f"{sign}[{words}]({source}/{kind}/{ref}/{path}{anchor or ''})"

    return _LINK.sub(replaced, text)
