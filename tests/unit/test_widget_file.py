"""The one file a shop's page fetches: what its modules say, and light."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import widget_file

LIMIT_BYTES = 30_000


def test_the_file_is_what_its_modules_say() -> None:
    assert widget_file.FILE.read_text(encoding="utf-8") == widget_file.minified(), "run `make widget`"


def test_the_widget_stays_a_light_guest_on_a_shop_s_page() -> None:
    assert widget_file.FILE.stat().st_size < LIMIT_BYTES, "raw bytes of all it fetches, rules included"


def test_the_widget_needs_nothing_a_strict_page_forbids_and_fetches_no_second_file() -> None:
    code = widget_file.FILE.read_text(encoding="utf-8")
    for forbidden in ("eval(", "new Function", "innerHTML", 'setAttribute("style"', "<style", "import(", "@import"):
        assert forbidden not in code


def test_two_modules_that_use_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "element.js").write_text('import { a } from "./other.js";\nconst LIMIT = a;\n', encoding="utf-8")
    (tmp_path / "other.js").write_text("export const LIMIT = 1;\nexport const a = 2;\n", encoding="utf-8")
    monkeypatch.setattr(widget_file, "MODULES", tmp_path)
    with pytest.raises(ValueError, match="LIMIT"):
        widget_file.bundled()
