"""The flat XML of the platforms, read without trust and written with the quoting they document."""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

MOST_DEPTH = 8


class BadXmlError(ValueError):
    """Not XML, or XML that does more than hold values."""


def read(text: str | bytes) -> Mapping[str, str]:
    """Values by the name of their element, the outermost left out; of elements of one name the first counts.

    Raises BadXmlError, also for a document type: nothing may be declared, so nothing can be expanded or fetched.
    """
    parser = expat.ParserCreate(encoding="utf-8")
    values: dict[str, str] = {}
    path: list[str] = []
    held: list[str] = []

    def refuse(*_: object) -> None:
        raise BadXmlError("a document type is not allowed")

    def start(name: str, _: Mapping[str, str]) -> None:
        if len(path) >= MOST_DEPTH:
            raise BadXmlError("nested too deeply")
        path.append(name)
        held.clear()

    def end(name: str) -> None:
        path.pop()
        if path:
            values.setdefault(name, "".join(held))
        held.clear()

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = held.append
    try:
        parser.Parse(text, True)
    except expat.ExpatError as problem:
        raise BadXmlError(f"not XML: {problem}") from problem
    except (ValueError, UnicodeError) as problem:
        raise BadXmlError(str(problem)) from problem
    return values


def write(values: Mapping[str, str | int]) -> str:
    """
    >>> write({"MsgType": "text", "CreateTime": 1})
    '<xml><MsgType><![CDATA[text]]></MsgType><CreateTime>1</CreateTime></xml>'
    """
    return f"<xml>{''.join(f'<{name}>{_quoted(value)}</{name}>' for name, value in values.items())}</xml>"


def _quoted(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
