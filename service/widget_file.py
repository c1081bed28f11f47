"""``service/static/widget.js`` from ``service/static/widget/``: one file, minified, so that a shop's page fetches one thing.

The file is committed, so nothing is built where the product runs; ``make widget`` writes it after a change.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

STATIC = Path(__file__).parent / "static"
FILE = STATIC / "widget.js"
MODULES = STATIC / "widget"
ENTRY = "element.js"
IMPORT = re.compile(r'^import (?:\{[^}]*\}|(?P<name>\w+)) from "\./(?P<file>[\w.]+)";\n', re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:async )?(?:const|let|class|function) (\w+)", re.MULTILINE)


def bundled() -> str:
    """Every module the entry needs, in one function's scope. Raises ValueError when two modules use one name."""
    code = "".join(_parts(ENTRY, set()))
    twice = [name for name, count in Counter(TOP_LEVEL.findall(code)).items() if count > 1]
    if twice:
        raise ValueError(f"two modules of the widget declare {', '.join(twice)}: rename one")
    return f"(() => {{\n{code}}})();\n"


def minified() -> str:
    import minify  # where the product runs there is none, and no need of it

    code = bundled()
    for file in sorted(MODULES.glob("*.css")):
        rules = minify.string("text/css", file.read_text(encoding="utf-8"))
        code = code.replace(f'"./{file.name}"', json.dumps(rules, ensure_ascii=False))
    return str(minify.string("application/javascript", code)) + "\n"


def _parts(file: str, done: set[str]) -> list[str]:
    """The module after those it imports, each once. Rules become a constant that holds the file's name."""
    if file in done:
        return []
    done.add(file)
    code, parts = (MODULES / file).read_text(encoding="utf-8"), []
    for found in IMPORT.finditer(code):
        if found["name"]:
            parts.append(f'const {found["name"]} = "./{found["file"]}";\n')
        else:
            parts += _parts(found["file"], done)
    return [*parts, re.sub(r"^export ", "", IMPORT.sub("", code), flags=re.MULTILINE)]


if __name__ == "__main__":
    FILE.write_text(minified(), encoding="utf-8")
    print(f"{FILE}: {FILE.stat().st_size} bytes")
