"""Between Chinese words stands Chinese punctuation, in everything a person reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
CODE = sorted(file for part in ("twin", "service", "policies") for file in (ROOT / part).rglob("*.py"))
ROWS = [
    ROOT / name
    for name in (
        *(
            "nlu_data/replies.yml",
            "policies/answers.yml",
            "policies/interception.yml",
            "policies/outreach.yml",
            "policies/staffing.yml",
        ),
        *("compensation/catalog.yml", "compensation/guard.yml", "service/starter_replies.yml", "rootcause/nodes.yml"),
    )
]
HOLE = "值"  # what stands in a hole of an f-string is mostly Chinese
MISPLACED = re.compile(r"[\u4e00-\u9fff%％）」”][,;][\u4e00-\u9fff「“（]")


def texts(node: ast.AST) -> Iterator[str]:
    """Of a module, what it says; no docstring and nothing that is matched against."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func).startswith("re."):
            continue
        if isinstance(child, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in child.values)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from texts(child)


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from leaves(child)


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_ascii_comma_stands_between_chinese_words_of_the_code(file: Path) -> None:
    said = texts(ast.parse(file.read_text(encoding="utf-8")))
    assert [text for text in said if MISPLACED.search(text)] == []


@pytest.mark.parametrize("file", ROWS, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_ascii_comma_stands_between_chinese_words_of_the_rows(file: Path) -> None:
    found = leaves(yaml.safe_load(file.read_text(encoding="utf-8")))
    assert [text for text in found if MISPLACED.search(text)] == []
