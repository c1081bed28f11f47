"""Why a value does not fit, in the operator's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from service.importing.row import Wrong
from service.problems import path_of

WORDS: Mapping[str, str] = {
    "missing": "必须填写",
    "extra_forbidden": "不认识的字段，请删掉",
    "string_type": "应当是文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "含有不允许的字符或格式不对（应符合 {pattern}）",
    "int_type": "应当是整数",
    "int_parsing": "应当是整数",
    "int_from_float": "应当是整数，不能有小数；金额以分为单位",
    "int_parsing_size": "数字太大",
    "float_type": "应当是数字",
    "float_parsing": "应当是数字",
    "finite_number": "应当是有限的数字",
    "bool_type": "应当是 true 或 false",
    "bool_parsing": "应当是 true 或 false",
    "enum": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "list_type": "应当是列表，写在 [ ] 里",
    "dict_type": "应当是对象，写在 { } 里",
    "model_type": "应当是对象，写在 { } 里",
    "timezone_aware": "时间没有写明时区：请写成 2026-01-31T08:00:00+08:00",
    "datetime_parsing": "不是时间：请写成 2026-01-31T08:00:00+08:00",
    "datetime_from_date_parsing": "不是时间：请写成 2026-01-31T08:00:00+08:00",
    "datetime_type": "不是时间：请写成 2026-01-31T08:00:00+08:00",
    "time_not_text": "不是时间：请写成 2026-01-31T08:00:00+08:00",
    "time_out_of_range": "时间应当在 2000 年到 2100 年之间",
    "json_too_deep": "嵌套最多 {deepest} 层",
    "json_no_text": "文字里有空字符（NUL）或半个字",
    "json_number_too_large": "数字最大 {largest}",
    "json_too_many_keys": "最多 {most} 个键",
}


def wrongs_of(error: ValidationError) -> tuple[Wrong, ...]:
    return tuple(
        Wrong(field=path_of(found["loc"]), reason=_words(str(found["type"]), found.get("ctx", {}), found["msg"]))
        for found in error.errors(include_url=False, include_input=False)
    )


def _words(kind: str, context: Mapping[str, Any], message: str) -> str:
    words = WORDS.get(kind)
    if words is None:
        return f"不符合要求（{message}）"
    for name, value in context.items():
        words = words.replace(f"{{{name}}}", str(value).replace(" or ", " 或 "))
    return words
