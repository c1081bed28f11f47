"""What everything that hears needs of an encoder; ``language.encoder.session`` has the real one."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


class Encodes(Protocol):
    def meaning(self, text: str) -> npt.NDArray[np.float32]:
        """Of a normalised text; shape (width,)."""
