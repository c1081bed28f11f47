"""What a message names, normalised as ``retention.hearing.EntityKind`` says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from language.find_address import find_address, find_receivers
from language.find_builds import find_builds
from language.find_codes import find_order_numbers, find_phones
from language.find_colours import find_colours
from language.find_fixes import find_fixes
from language.find_measures import find_amounts, find_durations, find_quantities
from language.find_sizes import find_sizes
from language.find_slots import find_slots
from language.folding import Folded, fold
from language.mentions import Mention
from language.tokens import Tokens
from retention.hearing import Entity, EntityKind

_READ = 2000  # characters of a message in which names are looked for
_CODES = frozenset({EntityKind.PHONE, EntityKind.ORDER_NO, EntityKind.DETAIL, EntityKind.AMOUNT})
_AS_WRITTEN = frozenset({EntityKind.DETAIL, EntityKind.RECEIVER})


def extract(text: str) -> tuple[Entity, ...]:
    """Entities in the order of the message, except that the wished-for comes before what the shopper wants to be rid of.

    So ``Hearing.first(SIZE)`` of 拍了M想要L is L. What the shopper only wants to be rid of (拍成 M 了) is left out: as an
    entity it would read as the wish. Offsets refer to ``text``; an area that is only implied (the province of a city)
    carries the offsets of what implies it.
    """
    folded = fold(text[:_READ])
    kept = _without_unwanted(_found(folded.text))
    ordered = sorted(kept, key=lambda mention: (mention.wanted is False, mention.start))
    return tuple(_entity(folded, mention) for mention in ordered)


def _found(text: str) -> list[Mention]:
    """Finders in order of trust: what one has taken, the next leaves alone."""
    tokens = Tokens(text)
    phones = list(find_phones(text))
    receivers = _apart(find_receivers(text, phones), phones)
    mentions = [*phones, *receivers]
    mentions += _apart(find_order_numbers(text), mentions)
    mentions += _apart_from(find_address(text, tokens, mentions), mentions)
    mentions += _apart(find_amounts(text), mentions)
    mentions += _apart(find_durations(text), mentions)
    mentions += _apart(find_sizes(text), mentions)
    mentions += _apart(find_quantities(text), mentions)
    mentions += _apart(find_colours(text, tokens), mentions)
    # What a builder of sizes has read as one may be the usual size too, and a wish lies over whole clauses.
    codes = [mention for mention in mentions if mention.kind in _CODES]
    return [*mentions, *_apart_from(find_builds(text), codes), *_apart(find_slots(text), codes), *find_fixes(text)]


def _apart(found: Iterable[Mention], taken: Iterable[Mention]) -> list[Mention]:
    """Those that overlap neither what is taken nor an earlier one of them."""
    kept: list[Mention] = []
    known = list(taken)
    for mention in found:
        if not any(mention.overlaps(other) for other in (*known, *kept)):
            kept.append(mention)
    return kept


def _apart_from(found: Iterable[Mention], taken: Iterable[Mention]) -> list[Mention]:
    """As ``_apart``, but among themselves they may overlap: a municipality is province and city at once."""
    known = list(taken)
    return [mention for mention in found if not any(mention.overlaps(other) for other in known)]


def _without_unwanted(mentions: Iterable[Mention]) -> list[Mention]:
    mentions = list(mentions)
    asked = {mention.kind for mention in mentions if mention.wanted is not False}
    return [mention for mention in mentions if mention.kind in asked]


def _entity(folded: Folded, mention: Mention) -> Entity:
    start, end = folded.span(mention.start, mention.end)
    written = folded.written(mention.start, mention.end)
    value = re.sub(r"\s+", "", written) if mention.kind in _AS_WRITTEN else mention.value
    return Entity(kind=mention.kind, value=value, text=written, start=start, end=end)
