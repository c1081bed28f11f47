"""Text that a program wrote or a program is meant to obey: commands, JSON, markup. Nobody talks like that to a shop."""

from __future__ import annotations

import json
import re

_COMMAND = re.compile(r"\s*[/\\!#@$]+\s*[a-z_]{2,}(\s*[{(\[].*)?\s*", re.IGNORECASE | re.DOTALL)
_TAGGED = re.compile(r"\s*<[a-z!?/][^<>]*>.*", re.IGNORECASE | re.DOTALL)


def is_machine_text(text: str) -> bool:
    """Whether a normalised text is a slash command, a JSON object or list, or begins with a tag.

    >>> is_machine_text('/cancel_order{"a":1}'), is_machine_text('{"intent": "greet"}'), is_machine_text("<b>退款</b>")
    (True, True, True)
    >>> is_machine_text("a/b两个码怎么选"), is_machine_text("<(￣︶￣)>"), is_machine_text("[微笑]")
    (False, False, False)
    """
    if _COMMAND.fullmatch(text) or _TAGGED.fullmatch(text):
        return True
    if text.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
