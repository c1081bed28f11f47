"""Why a model cannot serve."""

from __future__ import annotations


class ModelUnusableError(ValueError):
    """The file is no risk model this version of the program can serve; train again."""


class LibraryMissingError(ModelUnusableError):
    """The system lacks what the model's trees need; the words say in Chinese what to install."""
