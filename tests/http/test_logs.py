"""The log of a running process, read as an operator would, must not name a person."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import logging
from service import logs
logs.configure()
log = logs.logger("shop")
log.info("said", text="我叫李明", phone="13812345678", order={"address": {"detail": "文三路 1 号"}}, note="打 13812345678")
log.warning("order %s of %s", "O-1", "13912345678")
logging.getLogger("uvicorn.error").info('"WebSocket %s" [accepted]', "/v1/chat/ws?token=eyJhbGci.eyJzdWIi.c2ln")
logging.getLogger("other").error("Bearer abcdef")
try:
    raise ValueError("13712345678")
except ValueError:
    log.exception("failed")
"""


def test_every_line_is_json_and_nothing_private_is_in_it() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines][:2] == ["said", "order O-1 of 139****5678"]
    assert len(lines) == 5
    for private in ("李明", "12345678", "文三路", "eyJzdWIi", "abcdef"):
        assert private not in ran.stderr
