"""Pictures as files of one folder."""

from __future__ import annotations

import os
from pathlib import Path

from retention.ports import Pictures


class FolderPictures(Pictures):
    """A picture is ``ID.jpg``, readable by the service alone. The folder is made with the first one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, attachment_id: str, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._file(attachment_id).with_suffix(".part")
        with open(unfinished, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
        unfinished.replace(self._file(attachment_id))

    def read(self, attachment_id: str) -> bytes | None:
        try:
            return self._file(attachment_id).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, attachment_id: str) -> None:
        self._file(attachment_id).unlink(missing_ok=True)
        self._file(attachment_id).with_suffix(".part").unlink(missing_ok=True)

    def _file(self, attachment_id: str) -> Path:
        if not attachment_id.isalnum():
            raise ValueError(f"{attachment_id!r} is no attachment id: letters and digits only")
        return self._folder / f"{attachment_id}.jpg"
