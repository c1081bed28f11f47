"""YAML as the shop writes it, read strictly."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from rows.row_error import RowError


def load_yaml(content: bytes, *, file: str, refused: type[RowError]) -> object:
    """What the text holds. Raises ``refused`` and nothing else."""
    try:
        return yaml.load(content.decode("utf-8"), Loader=_StrictLoader)  # noqa: S506 a SafeLoader
    except Exception as error:  # PyYAML lets through whatever int(), datetime() and deep recursion raise
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise refused(file, place, problem, "UTF-8 编码的 YAML") from error


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML would let a key that is written twice silently keep its last value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} 写了两次", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)
