"""Files of other systems: what is right is written, what is not is set aside with why, and nothing is lost or doubled."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from integrations.codec import encode
from integrations.settings import Settings, load
from integrations.store.engine import open_store
from retention.customer import Customer
from retention.event import Event
from retention.order import Order, Stage
from service.importing.row import ImportFileError
from service.importing.run import Imported, check_file, import_file
from service.importing.text_lines import LONGEST
from tests.contract.samples import ORDER as SAMPLE

ORDER: dict[str, Any] = {
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
EVENT_HEAD = "event_id,kind,at,order_no,data\n"
AT = datetime(2026, 11, 1, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"TOURNIQUET_HOME": str(tmp_path / "home")})


def _orders(settings: Settings) -> dict[str, Order]:
    store = open_store(settings.database_url)
    try:
        with store.transaction() as records:
            return {order.order_no: order for order in records.orders.of_customer("C1")}
    finally:
        store.close()


def _event(settings: Settings, event_id: str) -> Event | None:
    store = open_store(settings.database_url)
    try:
        with store.transaction() as records:
            return records.events.find_all([event_id]).get(event_id)
    finally:
        store.close()


def _written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    data = text.encode(encoding)
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)
    return file


def _rejects(done: Imported) -> list[dict[str, Any]]:
    assert done.reject_file is not None
    return [json.loads(line) for line in done.reject_file.read_text(encoding="utf-8").split("\n")[:-1]]


def _an_event(number: int | str, **more: Any) -> str:
    event = {"event_id": f"E{number}", "kind": "service.complained", "at": "2026-11-01T08:00:00Z", "order_no": "I-1"}
    return json.dumps({**event, **more}, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_orders_come_from_json_lines(tmp_path: Path, settings: Settings, ending: str) -> None:
    lines = "\n\n".join(json.dumps({**ORDER, "order_no": f"I-{number}"}) for number in range(3))
    done = import_file(settings, "orders", _written(tmp_path, f"orders.{ending}", lines))
    assert (done.standing.read, done.standing.written, done.standing.rejected) == (3, 3, 0)
    assert len(_orders(settings)) == 3
    assert done.reject_file is None


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("gbk", "GB18030")]
)
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_orders_come_from_a_table_as_a_spreadsheet_saves_it(
    tmp_path: Path, settings: Settings, encoding: str, said: str, ending: str
) -> None:
    file = _written(tmp_path, f"orders.{ending}", CSV_HEAD + CSV_ROW, encoding)
    done = import_file(settings, "orders", file)
    assert _orders(settings)["I-2"].address.city == "杭州市"
    assert said in done.words


def test_a_damaged_letter_costs_its_line_and_does_not_change_how_the_others_are_read(
    tmp_path: Path, settings: Settings
) -> None:
    file = tmp_path / "orders.csv"
    rows = [CSV_ROW.replace("I-2", f"I-{number}").encode() for number in range(3)]
    file.write_bytes(CSV_HEAD.encode() + rows[0] + rows[1].replace("杭".encode(), b"\xba\xbc") + rows[2])
    done = import_file(settings, "orders", file)
    assert [(one["line"], one["errors"]) for one in _rejects(done)] == [
        (3, [{"field": "", "reason": "这一行不是 UTF-8 编码"}])
    ]
    assert {order.address.city for order in _orders(settings).values()} == {"杭州市"}


def test_importing_twice_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    file = _written(tmp_path, "events.jsonl", _an_event(1))
    assert [import_file(settings, "events", file).standing.written for _ in range(2)] == [1, 1]


def test_customers_come_from_a_table_and_stay_opted_out(tmp_path: Path, settings: Settings) -> None:
    table = "customer_id,name,rfm,opted_out\nC7,王芳,88.5,true\nC7,王芳,90,\n"
    import_file(settings, "customers", _written(tmp_path, "customers.csv", table))
    store = open_store(settings.database_url)
    with store.transaction() as records:
        customer = records.customers.find("C7")
    store.close()
    assert customer == Customer(customer_id="C7", name="王芳", rfm=90.0, opted_out=True)


def test_past_orders_come_with_their_end_and_with_what_hides_the_person(tmp_path: Path, settings: Settings) -> None:
    past = {
        **ORDER,
        "order_no": "H-1",
        "stage": "closed",
        "delivered_at": "2026-11-04T08:00:00+08:00",
        "address": {**ORDER["address"], "phone": "138****5678", "detail": "", "receiver": "李*"},
    }
    import_file(settings, "orders", _written(tmp_path, "orders.jsonl", json.dumps(past)))
    facts = "".join(_an_event(kind, kind=kind, order_no="H-1") for kind in ("order.refunded", "order.cancelled"))
    import_file(settings, "events", _written(tmp_path, "events.jsonl", facts))
    assert _orders(settings)["H-1"].stage is Stage.CLOSED
    assert _orders(settings)["H-1"].delivered_at == AT + timedelta(days=3)
    assert _event(settings, "Eorder.refunded") is not None


def test_wrong_lines_are_set_aside_with_why_and_the_others_are_written(tmp_path: Path, settings: Settings) -> None:
    lines = [json.dumps(ORDER), json.dumps({**ORDER, "order_no": "I-2", "paid_fen": "a lot", "note": 1}), "{", "[]"]
    done = import_file(settings, "orders", _written(tmp_path, "orders.jsonl", "\n".join(lines)))
    assert set(_orders(settings)) == {"I-1"}
    assert (done.standing.written, done.standing.rejected) == (1, 3)
    first, second, third = _rejects(done)
    assert first == {
        "line": 2,
        "errors": [
            {"field": "paid_fen", "reason": "应当是整数"},
            {"field": "note", "reason": "不认识的字段，请删掉"},
        ],
        "row": json.loads(lines[1]),
    }
    assert (second["row"], third["row"]) == ("{", "[]")
    assert done.reject_file == tmp_path / "orders.jsonl.rejects.jsonl"
    assert done.reject_file.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_corrected_reject_file_is_imported_alone(tmp_path: Path, settings: Settings, kind: str) -> None:
    wrong = {
        "jsonl": json.dumps(ORDER | {"order_no": "I-2", "stage": "gone"}),
        "csv": CSV_HEAD + CSV_ROW.replace("delivered", "gone"),
    }[kind]
    done = import_file(settings, "orders", _written(tmp_path, f"orders.{kind}", wrong))
    assert done.reject_file is not None
    done.reject_file.write_text(done.reject_file.read_text().replace("gone", "closed"), encoding="utf-8")
    again = import_file(settings, "orders", done.reject_file)
    assert (again.standing.written, again.standing.rejected) == (1, 0)
    assert _orders(settings)["I-2"].stage is Stage.CLOSED


def test_a_reject_file_that_is_being_corrected_is_not_written_over(tmp_path: Path, settings: Settings) -> None:
    file = _written(tmp_path, "orders.jsonl", "{")
    first, second = (import_file(settings, "orders", file).reject_file for _ in range(2))
    assert first != second
    assert first is not None
    assert second is not None
    assert first.read_text() == second.read_text()


def test_an_id_that_names_another_fact_is_set_aside_and_the_first_one_stays(tmp_path: Path, settings: Settings) -> None:
    told = _an_event(1) + _an_event(1, kind="payment.failed") + _an_event(1)
    done = import_file(settings, "events", _written(tmp_path, "events.jsonl", told))
    [reject] = _rejects(done)
    assert (reject["line"], reject["errors"][0]["field"]) == (2, "event_id")
    kept = _event(settings, "E1")
    assert kept is not None
    assert kept.kind == "service.complained"


def test_checking_writes_nothing_and_finds_the_same(tmp_path: Path, settings: Settings) -> None:
    file = _written(tmp_path, "orders.csv", CSV_HEAD + CSV_ROW + CSV_ROW.replace("29900", "299.5"))
    found = check_file("orders", file)
    assert (found.standing.written, found.standing.rejected, found.reject_file) == (1, 1, None)
    assert not (settings.home / "tourniquet.db").exists()
    assert not (settings.home / "imports").exists()
    assert not list(tmp_path.glob("*.rejects*"))
    assert found.first == import_file(settings, "orders", file).first


CLOSED = 'E1,service.complained,2026-11-01T08:00:00Z,I-1,"{""words"": ""5\\"" 屏""}"\n'
BROKEN = {
    "a quote that is never closed": 'E2,service.complained,2026-11-01T08:00:00Z,"I-1,\n',
    "a quote inside": 'E2,service.complained,2026-11-01T08:00:00Z,"I"-1,\n',
    "a cell too many": "E2,service.complained,2026-11-01T08:00:00Z,I-1,,x\n",
    "a cell too few": "E2,service.complained\n",
    "a NUL": "E2,service.complained,2026-11-01T08:00:00Z,I\x00-1,\n",
    "a NUL in the data": 'E2,service.complained,2026-11-01T08:00:00Z,I-1,"{""a"": ""\\u0000""}"\n',
    "no JSON": "E2,service.complained,2026-11-01T08:00:00Z,I-1,{\n",
    "no zone": "E2,service.complained,2026-11-01 08:00:00,I-1,\n",
    "no time": "E2,service.complained,yesterday,I-1,\n",
    "a distant time": "E2,service.complained,1999-11-01T08:00:00Z,I-1,\n",
    "a very long line": f"E2,service.complained,2026-11-01T08:00:00Z,{'x' * (LONGEST + 10)},\n",
    "a long cell": f"E2,service.complained,2026-11-01T08:00:00Z,{'x' * 200_000},\n",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_line_of_a_table_costs_nothing_but_itself(tmp_path: Path, settings: Settings, broken: str) -> None:
    rows = [CLOSED.replace("E1", f"E{number}") for number in (1, *range(3, 300))]
    file = _written(tmp_path, "events.csv", EVENT_HEAD + rows[0] + broken + "".join(rows[1:]))
    done = import_file(settings, "events", file)
    assert (done.standing.written, done.standing.rejected) == (len(rows), 1)
    [reject] = _rejects(done)
    assert reject["line"] == 3
    assert reject["errors"][0]["reason"]
    assert not reject["errors"][0]["reason"].isascii()


def test_a_cell_may_hold_line_breaks(tmp_path: Path, settings: Settings) -> None:
    rows = 'E1,service.complained,2026-11-01T08:00:00Z,I-1,"{\n""a"":\n1}"\n' + CLOSED.replace("E1", "E2")
    done = import_file(settings, "events", _written(tmp_path, "events.csv", EVENT_HEAD + rows))
    assert (done.standing.written, done.standing.rejected) == (2, 0)


NO_FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("x.jsonl", b"", "空"),
    "a byte order mark alone": ("x.csv", b"\xef\xbb\xbf", "空"),
    "another kind": ("x.txt", b"1", "不认识的文件类型"),
    "a workbook": ("x.csv", b"PK\x03\x04xl", "Excel"),
    "UTF-16": ("x.csv", "order_no".encode("utf-16"), "UTF-16"),
    "binary": ("x.jsonl", bytes(range(256)), "二进制"),
    "an unknown column": ("x.csv", f"colour,{CSV_HEAD}".encode(), "不认识的列：colour"),
    "a column twice": ("x.csv", f"order_no,{CSV_HEAD}".encode(), "列名重复：order_no"),
    "a missing column": ("x.csv", CSV_HEAD.replace("stage,", "").encode(), "缺少必需的列：stage"),
    "a column without a name": ("x.csv", f",{CSV_HEAD}".encode(), "没有列名"),
    "no header": ("x.csv", b"\n1,2\n", "列名"),
    "a broken archive": ("x.csv.gz", gzip.compress(CSV_HEAD.encode() * 100)[:-20], "压缩文件"),
    "no archive": ("x.csv.gz", b"hello", "压缩文件"),
    "no Parquet": ("x.parquet", b"hello" * 100, "Parquet"),
}


@pytest.mark.parametrize(("name", "data", "words"), NO_FILES.values(), ids=NO_FILES.keys())
def test_a_file_that_cannot_be_used_is_refused_in_words_and_nothing_is_left_behind(
    tmp_path: Path, settings: Settings, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImportFileError, match=words):
        check_file("orders", tmp_path / name)
    with pytest.raises(ImportFileError, match=words):
        import_file(settings, "orders", tmp_path / name)
    assert not list(tmp_path.glob("*.rejects*"))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="文件夹"):
        check_file("orders", tmp_path)
    with pytest.raises(ImportFileError, match="没有文件"):
        check_file("orders", tmp_path / "nothing.csv")


def _parquet(file: Path, select: str) -> Path:
    duckdb.connect().execute(f"SET TimeZone = 'UTC'; COPY ({select}) TO '{file}' (FORMAT parquet)").close()
    return file


PLACED = "TIMESTAMPTZ '2026-11-01 00:00:00+00' AS placed_at"
TYPED_ORDER = f"""
    SELECT 'P-' || n AS order_no, 'C1' AS customer_id, 'delivered' AS stage, {PLACED}, NULL::TIMESTAMPTZ AS paid_at,
        29900.0 AS paid_fen, 0::DECIMAL(10, 2) AS shipping_fen,
        [{{'sku': 'S1', 'title': '鞋', 'category': '鞋', 'qty': 1, 'unit_price_fen': 29900, 'unit_cost_fen': 1}}] AS lines,
        {{'province': '浙江省', 'city': '杭州市', 'district': '西湖区', 'detail': '', 'receiver': '', 'phone': ''}} AS address,
        {{'variant': '42', 'carrier': NULL}} AS attributes, 'nan'::DOUBLE AS promotion_id
    FROM range(2500) rows(n)"""


def test_typed_tables_bring_their_structs_and_leave_out_what_is_null(tmp_path: Path, settings: Settings) -> None:
    done = import_file(settings, "orders", _parquet(tmp_path / "orders[1].parquet", TYPED_ORDER))
    assert (done.standing.written, done.standing.rejected) == (2500, 0)
    order = _orders(settings)["P-999"]
    assert (order.placed_at, order.paid_fen, order.attributes) == (AT, 29900, {"variant": "42"})
    assert order.lines[0].sku == "S1"


def test_a_typed_table_may_hold_json_text_and_split_columns(tmp_path: Path, settings: Settings) -> None:
    address = ", ".join(f"'{value}' AS \"address.{name}\"" for name, value in ORDER["address"].items())
    select = f"""SELECT 'P-1' AS order_no, 'C1' AS customer_id, 'closed' AS stage, {PLACED}, 1 AS paid_fen, 0 AS shipping_fen,
        '{json.dumps(ORDER["lines"])}' AS lines, {address}"""
    assert import_file(settings, "orders", _parquet(tmp_path / "o.parquet", select)).standing.written == 1


def test_times_without_a_zone_are_refused_with_what_to_do(tmp_path: Path, settings: Settings) -> None:
    file = _parquet(
        tmp_path / "o.parquet", TYPED_ORDER.replace("TIMESTAMPTZ '2026-11-01 00:00:00+00'", "TIMESTAMP '2026-11-01'")
    )
    with pytest.raises(ImportFileError, match=r"placed_at 是没有时区的时间.*tz_localize"):
        import_file(settings, "orders", file)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=8), ending=st.sampled_from(["csv", "csv.gz"]))
def test_every_row_of_any_table_is_written_or_set_aside(tmp_path: Path, rows: list[list[str]], ending: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([EVENT_HEAD.strip().split(","), *rows])
    found = check_file("events", _written(tmp_path, f"any.{ending}", text.getvalue()))
    assert found.standing.written + found.standing.rejected == found.standing.read
    assert found.standing.read >= len(rows)  # a bare CR or NEL may have been a line's end


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), name=st.sampled_from(["x.csv", "x.jsonl", "x.csv.gz", "x.parquet"]))
def test_no_bytes_whatever_break_the_import(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    try:
        found = check_file("events", tmp_path / name)
    except ImportFileError as refused:
        event(str(refused))
    else:
        assert found.standing.written + found.standing.rejected == found.standing.read


@examples(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(
        st.sampled_from([*ORDER, "attributes", "colour"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_what_is_set_aside_is_the_line_as_it_was(tmp_path: Path, settings: Settings, values: dict[str, Any]) -> None:
    line = json.dumps({**encode(SAMPLE), **values, "customer_id": 7})
    for old in tmp_path.glob("*.rejects*"):
        old.unlink()
    done = import_file(settings, "orders", _written(tmp_path, "o.jsonl", line))
    assert [reject["row"] for reject in _rejects(done)] == [json.loads(line)]
