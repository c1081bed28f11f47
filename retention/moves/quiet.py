"""Nobody is written to unasked who does not want it: said in a word, kept with the customer, confirmed at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from retention.audit import AuditEntry
from retention.conversation import Conversation
from retention.ports import Records
from retention.visit import Answer, Visit, plain, say


def stop(visit: Visit) -> Answer:
    keep(visit.records, visit.conversation, at=visit.now)
    return Answer(
        says=(say("outreach_stopped"),),
        memory=replace(visit.memory, expecting=None, options={}, plan=None),
        decision=plain("informed", "outreach_stopped", "顾客不想被主动联系"),
    )


def keep(records: Records, conversation: Conversation, *, at: datetime) -> None:
    """Once; nothing for somebody nobody knows, whom nobody can write to either."""
    customer = records.customers.find(conversation.customer_id) if conversation.customer_id else None
    if customer is None or customer.no_outreach:
        return
    records.customers.put(replace(customer, no_outreach=True))
    subject = f"customer:{customer.customer_id}"
    records.audit.add(AuditEntry(at=at, actor="bot", act="outreach_stopped", subject=subject, why="顾客要求"))
