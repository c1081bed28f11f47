"""Files of other systems: all of a file, or nothing and where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.settings import Settings, load
from integrations.store.engine import open_store
from retention.order import Stage
from service.importing import ImportFileError, import_file

ORDER = {
    "order_no": "I-1",
    "customer_id": "C1",
    "stage": "in_transit",
    "placed_at": "2026-11-01T08:00:00+08:00",
    "paid_fen": 29900,
    "shipping_fen": 0,
    "lines": [
        {"sku": "S1", "title": "跑鞋", "category": "鞋", "qty": 1, "unit_price_fen": 29900, "unit_cost_fen": 15000}
    ],
    "address": {
        "province": "浙江省", "city": "杭州市", "district": "西湖区",
        "detail": "文三路 1 号", "receiver": "李明", "phone": "13812345678",
    },
}  # fmt: skip
CSV_HEAD = (
    "order_no,customer_id,stage,placed_at,paid_at,paid_fen,shipping_fen,lines,"
    "address.province,address.city,address.district,address.detail,address.receiver,address.phone\n"
)
LINES = '"[{""sku"":""S1"",""title"":""鞋"",""category"":""鞋"",""qty"":1,""unit_price_fen"":1,""unit_cost_fen"":1}]"'
CSV_ROW = (
    f"I-2,C1,delivered,2026-11-01T08:00:00+08:00,,29900,0,{LINES},浙江省,杭州市,西湖区,文三路 1 号,李明,13812345678\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"TOURNIQUET_HOME": str(tmp_path / "home")})


def _stages(settings: Settings) -> dict[str, Stage]:
    store = open_store(settings.database_url)
    try:
        with store.transaction() as records:
            return {order.order_no: order.stage for order in records.orders.of_customer("C1")}
    finally:
        store.close()


def _written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_orders_come_from_json_lines(tmp_path: Path, settings: Settings) -> None:
    lines = "\n\n".join(json.dumps({**ORDER, "order_no": f"I-{number}"}) for number in range(3))
    assert import_file(settings, "orders", _written(tmp_path, "orders.jsonl", lines)) == 3
    assert len(_stages(settings)) == 3


def test_orders_come_from_a_table_as_a_spreadsheet_saves_it(tmp_path: Path, settings: Settings) -> None:
    file = _written(tmp_path, "orders.csv", "\ufeff" + CSV_HEAD + CSV_ROW)
    assert import_file(settings, "orders", file) == 1
    assert _stages(settings) == {"I-2": Stage.DELIVERED}


def test_importing_twice_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    event = {"event_id": "E1", "kind": "service.complained", "at": "2026-11-01T08:00:00Z", "order_no": "I-1"}
    file = _written(tmp_path, "events.jsonl", json.dumps(event))
    assert [import_file(settings, "events", file) for _ in range(2)] == [1, 1]


def test_customers_come_from_a_table(tmp_path: Path, settings: Settings) -> None:
    file = _written(tmp_path, "customers.csv", "customer_id,name,rfm,opted_out\nC7,王芳,88.5,true\n")
    import_file(settings, "customers", file)
    store = open_store(settings.database_url)
    with store.transaction() as records:
        customer = records.customers.find("C7")
    store.close()
    assert customer is not None
    assert (customer.name, customer.rfm, customer.opted_out) == ("王芳", 88.5, True)


def test_one_wrong_line_keeps_the_whole_file_out_and_is_named(tmp_path: Path, settings: Settings) -> None:
    lines = [json.dumps(ORDER), json.dumps({**ORDER, "order_no": "I-2", "paid_fen": "a lot"})]
    with pytest.raises(ImportFileError, match=r"orders\.jsonl:2: paid_fen"):
        import_file(settings, "orders", _written(tmp_path, "orders.jsonl", "\n".join(lines)))
    import_file(settings, "orders", _written(tmp_path, "none.jsonl", ""))
    assert _stages(settings) == {}


@pytest.mark.parametrize(
    ("name", "text"), [("x.jsonl", "{"), ("x.csv", CSV_HEAD + CSV_ROW.replace('"[{', '"[')), ("x.txt", "")]
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, settings: Settings, name: str, text: str) -> None:
    with pytest.raises(ImportFileError, match=name):
        import_file(settings, "orders", _written(tmp_path, name, text))
