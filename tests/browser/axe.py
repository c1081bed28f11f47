"""axe-core looks at a page as somebody does who cannot see it well. Fetched once, checked, kept beside the models."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

from playwright.sync_api import Page

PACKAGE = "axe-core@4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
GRAVE = ("serious", "critical")


def script(folder: Path) -> str | None:
    """The program, or None where there is no npm or no way to what it fetches."""
    kept = folder / f"{PACKAGE}.tgz"
    if not kept.exists() and not _fetched(kept):
        return None
    digest = base64.b64encode(hashlib.sha512(kept.read_bytes()).digest()).decode()
    assert digest == SHA512, f"{kept} is not {PACKAGE}: delete it"
    with tarfile.open(kept) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def _fetched(kept: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    kept.parent.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        [npm, "pack", "--silent", PACKAGE], cwd=kept.parent, capture_output=True, text=True, check=False, timeout=120
    )
    if packed.returncode != 0:
        return False
    (kept.parent / packed.stdout.strip()).replace(kept)
    return True


def found(page: Page, program: str) -> list[str]:
    """What is seriously wrong with the page as it stands, a line each."""
    page.evaluate(program)
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
