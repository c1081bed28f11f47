"""Which language model heard a message, read from the files that training leaves; the model itself runs in Rasa."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from language.artefact import CARD, MODEL


def heard_by(folder: Path, at: datetime) -> str:
    """The version, as ``Hearer.version``, of the model that heard a message at that time.

    Empty when it cannot be told: no model lies here (Rasa may run elsewhere), or it was trained after the message.
    """
    try:
        trained_at = json.loads((folder / CARD).read_text(encoding="utf-8"))["trained_at"]
        if datetime.fromisoformat(trained_at) > at:
            return ""
        return f"language-{hashlib.sha256((folder / MODEL).read_bytes()).hexdigest()[:12]}"
    except (OSError, KeyError, TypeError, ValueError):
        return ""
