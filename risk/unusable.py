"""A model on disk that cannot serve."""

from __future__ import annotations


class ModelUnusableError(ValueError):
    """The file is no risk model this version of the program can serve; train again."""
