"""Which language model heard a message, read from the files that training leaves; the model itself runs in Rasa."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from language.artefact import CARD, MODEL, version_of


def heard_by(folder: Path, at: datetime) -> str:
    """The version, as ``Hearer.version``, of the model that heard a message at that time.

    Empty when it cannot be told: no model lies here (Rasa may run elsewhere), or it was trained after the message.
    """
    try:
        trained_at = json.loads((folder / CARD).read_text(encoding="utf-8"))["trained_at"]
        if datetime.fromisoformat(trained_at) > at:
            return ""
        return version_of((folder / MODEL).read_bytes())
    except (OSError, KeyError, TypeError, ValueError):
        return ""
