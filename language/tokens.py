"""The words of a message with their offsets, by spaCy's blank Chinese pipeline over jieba."""

from __future__ import annotations

from functools import cache
from typing import Any

import spacy

from language.segmenter import is_word, segment


class Tokens:
    """Words are cut when they are first asked for: most messages name nothing that needs them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._doc: Any = None

    def hide(self, start: int, end: int, *, endings: tuple[str, ...]) -> bool:
        """Whether the stretch is only a part of another dictionary word: the 红 of 红包, the 三明 of 三明治.

        A word that is the stretch and one of ``endings`` does not hide it.
        """
        if self._doc is None:
            self._doc = _pipeline()(self._text)
        span = self._doc.char_span(start, end, alignment_mode="expand")
        if span is None or len(span) != 1:
            return False
        rest = span.text.replace(self._text[start:end], "", 1)
        return bool(rest) and rest not in endings and is_word(span.text)


@cache
def _pipeline() -> Any:
    segment("")  # fills jieba's dictionary before spaCy asks for it
    return spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
