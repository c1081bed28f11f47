"""The table of risk nodes: whatever a score or an event speaks for is in it, and a bad row is refused with its path."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from retention.event import Event
from risk.explanation import CATEGORY_NODE
from risk.features import FEATURES, names
from risk.sequence.kinds import KINDS, UNKNOWN, kind_of
from rootcause.nodes import FILE, NODES, OF_EVENT, NodeError, NodeStage, Owner, load

AT = datetime(2025, 11, 20, tzinfo=timezone.utc)
GOOD = {"id": "stock.gone", "zh": "缺货", "en": "Gone", "stage": "warehouse", "owner": "purchasing"}


def written(folder: Path, data: object) -> Path:
    file = folder / "nodes.yml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", names)
def test_every_feature_speaks_for_a_node_of_the_table(name: str) -> None:
    assert FEATURES[name].node in NODES


def test_every_documented_kind_of_event_tells_of_one_node_and_nothing_else_does() -> None:
    documented = set(re.findall(r"^    ([a-z]+\.[a-z_]+)", Event.__doc__ or "", re.MULTILINE))
    assert set(OF_EVENT) == documented


def test_every_kind_of_a_sequence_speaks_for_the_node_its_event_tells_of_or_for_a_finer_one() -> None:
    for name, kind in KINDS.items():
        assert kind.node in NODES, name
        if name in OF_EVENT and f"{name}/" not in "".join(KINDS):
            assert kind.node == OF_EVENT[name].id, name


def test_every_documented_kind_of_event_has_a_place_in_a_sequence() -> None:
    assert [name for name in OF_EVENT if kind_of(Event(event_id="1", kind=name, at=AT)) == UNKNOWN] == []


def test_every_node_is_spoken_for_and_has_its_names_a_stage_and_an_owner() -> None:
    spoken = {each.node for each in FEATURES.values()} | {node.id for node in OF_EVENT.values()}
    assert set(NODES) == spoken | {kind.node for kind in KINDS.values()} | {CATEGORY_NODE}
    for node in NODES.values():
        assert re.search("[一-鿿]", node.name_zh)
        assert re.fullmatch(r"[A-Z][a-z ]+", node.name_en), node.name_en
    assert len({node.name_zh for node in NODES.values()}) == len(NODES)


def test_every_stage_and_every_owner_has_a_node() -> None:
    assert {node.stage for node in NODES.values()} == set(NodeStage)
    assert {node.owner for node in NODES.values()} == set(Owner)


def test_ids_stand_in_the_file_once_each() -> None:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))["nodes"]
    assert [row["id"] for row in rows] == list(NODES)


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([], "nodes"),
        ({"a": 1}, "nodes"),
        ([GOOD, 3], "nodes[1]"),
        ([{**GOOD, "color": "red"}], "nodes[0].color"),
        ([{**GOOD, "id": "Stock"}], "nodes[0].id"),
        ([GOOD, GOOD], "nodes[1].id"),
        ([{**GOOD, "zh": " "}], "nodes[0].zh"),
        ([{key: value for key, value in GOOD.items() if key != "en"}], "nodes[0].en"),
        ([{**GOOD, "stage": "moon"}], "nodes[0].stage"),
        ([{**GOOD, "owner": True}], "nodes[0].owner"),
        ([{**GOOD, "events": "stock.changed"}], "nodes[0].events"),
        ([{**GOOD, "events": ["stock.changed", 4]}], "nodes[0].events[1]"),
        ([{**GOOD, "events": ["stock.changed", "stock.changed"]}], "nodes[0].events[1]"),
    ],
)
def test_a_bad_row_is_refused_with_the_file_the_path_and_what_is_expected(
    tmp_path: Path, rows: object, path: str
) -> None:
    file = written(tmp_path, {"nodes": rows})
    with pytest.raises(NodeError) as refused:
        load(file)
    assert refused.value.path == path
    assert str(refused.value).startswith(f"{file}：{path} ")
    assert "应为" in str(refused.value)


def test_what_is_no_yaml_is_refused_as_such(tmp_path: Path) -> None:
    file = tmp_path / "nodes.yml"
    file.write_text("nodes: [", encoding="utf-8")
    with pytest.raises(NodeError, match="YAML"):
        load(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NodeError, match="YAML"):
        load(file)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(sorted(GOOD)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.sampled_from(sorted(GOOD)), inner)
    ),
    max_leaves=8,
)


def told(file: Path) -> str:
    """The ids read, or the path that was refused."""
    try:
        return ", ".join(load(file))
    except NodeError as refused:
        return refused.path


@given(row=st.dictionaries(st.sampled_from([*sorted(GOOD), "events"]), JUNK))
def test_any_row_is_either_read_or_refused(row: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = written(tmp_path_factory.mktemp("rows"), {"nodes": [{**GOOD, **row}]})
    assert re.match(r"nodes\[0\]|[a-z_]+\.[a-z_]+$", told(file))
