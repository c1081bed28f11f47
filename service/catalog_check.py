"""``tourniquet compensation check``: whether a catalog may be put into use, and what it would change."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from compensation.catalog import Catalog
from compensation.difference import differences
from compensation.engine import catalog_of
from compensation.reading import CatalogError
from integrations.live_catalog import challenger_of
from integrations.wiring import CATALOG
from service.row_complaint import complain, say


def check(file: Path, console: Console) -> bool:
    """Print what is wrong in it or in the catalog it puts on trial, or what differs from the one in use; whether all is right."""
    try:
        catalog = catalog_of(file)
        tried = challenger_of(catalog, file.parent)
    except CatalogError as error:
        complain(error, console)
        return False
    say(console, f"[green]✔[/green] {escape(file.name)} 可用：{escape(_found(catalog))}")
    named = catalog.experiment.challenger
    if tried is not None and named is not None:
        say(console, f"[green]✔[/green] 试行的 {escape(named.file)} 可用：{escape(_found(tried))}")
    for change in differences(catalog_of(CATALOG), catalog):
        say(console, f"  {escape(change)}")
    return True


def _found(catalog: Catalog) -> str:
    return f"{len(catalog.rows)} 个方案，{len(catalog.rules)} 条规则，版本 {catalog.version}"
