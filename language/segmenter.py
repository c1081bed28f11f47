"""Chinese words by jieba: one dictionary for the process, read straight from the package.

jieba by itself reports its loading on stderr and keeps a cache file in the shared temporary folder, which it unmarshals
unchecked on the next start. Filling the dictionary here does neither, and costs the same half second once.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

with warnings.catch_warnings():
    # jieba's source holds invalid escape sequences; they warn when its bytecode is not compiled yet.
    warnings.simplefilter("ignore")
    import jieba
    import jieba.finalseg


@cache
def _dictionary() -> Any:
    tokenizer = jieba.dt
    with tokenizer.lock:
        if not tokenizer.initialized:
            tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
            tokenizer.initialized = True
    return tokenizer


def segment(text: str) -> list[str]:
    """The words of a text, in order; joined they are the text."""
    words: list[str] = _dictionary().lcut(text)
    return words


def is_word(text: str) -> bool:
    """Whether the dictionary lists it, as opposed to a word the segmenter guessed."""
    return bool(_dictionary().FREQ.get(text))
