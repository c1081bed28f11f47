"""What can be wrong with a model on disk or with the utterances it learns from."""

from __future__ import annotations

from pathlib import Path


class LanguageError(Exception):
    """Something language needs is not as it must be."""


class ModelMissingError(LanguageError):
    """No language model has been trained yet."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"there is no language model: {file} is missing; run `tourniquet train language`")
        self.file = file


class ModelDamagedError(LanguageError):
    """The files of the language model do not belong together or cannot be read."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(f"the language model is damaged: {file}: {what}; run `tourniquet train language`")
        self.file = file
        self.what = what


class EncoderMissingError(LanguageError):
    """The encoder that was asked for is not on this machine; the character model works alone."""


class AdapterError(LanguageError):
    """The adapter cannot be read, or belongs to another encoder."""


class DataError(LanguageError):
    """A row of the language data is not as it must be; ``path`` leads to it: ``examples[3].reasons[0]``."""

    def __init__(self, file: Path, path: str, what: str) -> None:
        super().__init__(f"{file}: {path}: {what}")
        self.file = file
        self.path = path
        self.what = what
