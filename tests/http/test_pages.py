"""Pages, headers, health, the contract's own page, and the demo shop's door."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.wiring import CATALOG, GUARD
from service.logs import masked
from tests.http.test_chat_failures import StubbornStore
from tests.http.world import LATE_ORDER, World, opened
from twin.demo import SHOPPERS

pytestmark = pytest.mark.anyio

PATHS = [
    "/",
    "/console",
    "/insight",
    "/docs",
    "/openapi.json",
    "/static/widget.js",
    "/healthz",
    "/v1/orders/O1",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_headers_that_keep_a_browser_safe(world: World, path: str) -> None:
    headers = (await world.client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]


async def test_a_host_header_cannot_widen_the_policy(world: World) -> None:
    answer = await world.client.get("/", headers={"Host": "evil.example; script-src *"})
    assert "evil" not in answer.headers["content-security-policy"]


async def test_a_request_keeps_the_id_its_caller_gave_it(world: World) -> None:
    kept = await world.client.get("/healthz", headers={"X-Request-ID": "caller-id-0001"})
    replaced = await world.client.get("/healthz", headers={"X-Request-ID": "bad id\twith blanks"})
    assert kept.headers["x-request-id"] == "caller-id-0001"
    assert "bad" not in replaced.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/", "/console", "/insight"])
async def test_a_page_has_no_inline_script_or_style(world: World, path: str) -> None:
    answer = await world.client.get(path)
    assert answer.status_code == 200
    page = answer.text.lower()
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert all("src=" in tag.split(">")[0] for tag in page.split("<script")[1:])


async def test_the_contract_has_a_page_that_lists_every_operation(world: World) -> None:
    document = (await world.client.get("/openapi.json")).json()
    page = (await world.client.get("/docs")).text
    assert len(document["paths"]) > 25
    assert all(path in page for path in document["paths"])
    assert "<script" not in page


async def test_ready_means_that_every_part_answers(world: World) -> None:
    answer = await world.client.get("/readyz")
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert set(checks) == {"store", "rasa", "language model", "risk model", "catalog", "interception", "guard"}
    assert checks["risk model"]["state"] == "degraded"
    assert "tourniquet train risk" in checks["risk model"]["detail"]


async def test_without_a_language_model_the_service_says_what_to_do(world: World) -> None:
    (world.shop.settings.language_folder / "model").unlink()
    answer = await world.client.get("/readyz")
    found = next(check for check in answer.json()["checks"] if check["name"] == "language model")
    assert (answer.status_code, found["state"]) == (503, "down")
    assert "tourniquet train language" in found["detail"]


async def test_without_rasa_the_service_says_what_to_do(world: World) -> None:
    world.rasa.broken = 500
    answer = await world.client.get("/readyz")
    rasa = next(check for check in answer.json()["checks"] if check["name"] == "rasa")
    assert (answer.status_code, rasa["state"]) == (503, "down")
    assert "TOURNIQUET_RASA_URL" in rasa["detail"]
    assert (await world.client.get("/healthz")).status_code == 200


async def test_a_catalog_that_is_wrong_is_named_with_its_place_while_the_shop_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "catalog.yml"
    file.write_bytes(CATALOG.read_bytes())
    async with opened(tmp_path, catalog_file=file) as world:
        version = world.shop.engine.version
        file.write_bytes(CATALOG.read_bytes().replace(b"order_margin_share: 0.5", b"order_margin_share: 5"))
        world.shop.catalog.refresh()
        answer = await world.client.get("/readyz")
        found = next(check for check in answer.json()["checks"] if check["name"] == "catalog")
        assert (answer.status_code, found["state"]) == (200, "degraded")
        assert "caps.order_margin_share 现为 5" in found["detail"]
        assert version in found["detail"]
        quote = {"order_no": LATE_ORDER.order_no, "reason": "logistics"}
        quoted = await world.client.post("/v1/offers/quote", json=quote, headers=world.api())
        assert quoted.json()["catalog_version"] == version


async def test_a_guard_that_is_wrong_is_named_with_its_place_while_the_last_right_one_guards(tmp_path: Path) -> None:
    file = tmp_path / "guard.yml"
    file.write_bytes(GUARD.read_bytes())
    async with opened(tmp_path, guard_file=file) as world:
        version = world.shop.guard.version
        file.write_bytes(GUARD.read_bytes().replace(b"minutes: 10}", b"minutes: 0}"))
        world.shop.guarding.refresh()
        found = next(
            check for check in (await world.client.get("/readyz")).json()["checks"] if check["name"] == "guard"
        )
        assert found["state"] == "degraded"
        assert "rows[0].parameters.minutes 现为 0" in found["detail"]
        assert world.shop.guard.version == version


async def test_without_its_store_the_service_says_what_to_do(tmp_path: Path) -> None:
    store = StubbornStore()
    async with opened(tmp_path, store=store) as world:
        store.busy_after = 0
        answer = await world.client.get("/readyz")
        found = next(check for check in answer.json()["checks"] if check["name"] == "store")
        assert (answer.status_code, found["state"]) == (503, "down")
        assert "TOURNIQUET_DATABASE_URL" in found["detail"]
        busy = await world.client.get("/v1/orders/O1", headers=world.api())
        assert busy.status_code == 503
        assert busy.headers["retry-after"]
        store.busy_after = None


async def test_metrics_count_turns_and_name_no_person(world: World) -> None:
    await world.say(await world.begin(), "你好")
    text = (await world.client.get("/metrics", headers=world.api())).text
    assert 'tourniquet_turns_total{ended="utter"} 1.0' in text
    assert 'route="/v1/chat/messages"' in text
    assert "C1" not in text


async def test_the_demo_shop_signs_in_its_own_shoppers_only(world: World) -> None:
    listed = (await world.client.get("/demo/shoppers")).json()["shoppers"]
    assert [shopper["name"] for shopper in listed] == [shopper.name for shopper in SHOPPERS]
    signed = await world.client.post("/demo/sign-in", json={"customer_id": SHOPPERS[0].customer_id})
    begun = await world.client.post("/v1/chat/conversations", json=signed.json())
    assert begun.status_code == 201
    stranger = await world.client.post("/demo/sign-in", json={"customer_id": "C1"})
    assert stranger.status_code == 404


async def test_without_the_demo_nobody_is_signed_in_for_the_asking(tmp_path: Path) -> None:
    async with opened(tmp_path, demo=False) as world:
        for method, path in (("GET", "/"), ("GET", "/demo/shoppers"), ("POST", "/demo/sign-in")):
            assert (await world.client.request(method, path, json={})).status_code == 404


async def test_only_the_pages_the_shop_named_may_embed_the_chat(tmp_path: Path) -> None:
    async with opened(tmp_path, widget_origins=("https://shop.example",)) as world:
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        shop, other = [
            await world.client.options("/v1/chat/messages", headers={"Origin": origin, **asked})
            for origin in ("https://shop.example", "https://other.example")
        ]
    assert shop.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in shop.headers
    assert "access-control-allow-origin" not in other.headers


async def test_a_failure_of_ours_is_a_problem_without_a_trace(world: World) -> None:
    async def failing() -> None:
        raise RuntimeError("secret inner words")

    world.app.add_api_route("/fails", failing)
    answer = await world.client.get("/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inner" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("written", "private"),
    [
        ("phone 13812345678 called", "13812345678"),
        ("phone 138 1234 5678 called", "1234 5678"),
        ("id 11010519491231002X", "11010519491231002X"),
        ("ws?token=abc.def", "abc.def"),
        ("Authorization: Bearer abc", "abc"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDMSJ9.c2ln", "eyJzdWIiOiJDMSJ9"),
        ("送到 文三路 1 号 2 单元", "1 号"),
        ("postgresql://shop:hunter2@db/shop", "hunter2"),
        ("[SQL: INSERT]\n[parameters: {'name': '李明', 'tags': ['a']}]\n(Background on this error)", "李明"),
    ],
)
def test_a_log_line_hides_what_is_private(written: str, private: str) -> None:
    assert private not in masked(written)


def test_a_log_line_keeps_what_is_not() -> None:
    line = "order TQ20261116001 paid 29900 at 2026-11-20T04:00:00Z"
    assert masked(line) == line
