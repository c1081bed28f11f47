"""Who is on the other side of a platform, and the conversation they are in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from integrations.channels.accounts import Account
from retention.contact import Contact, Delivery, contact_id
from retention.conversation import Conversation, Status
from retention.errors import NotFoundError
from retention.inbound import Inbound
from retention.ports import Records


def admit(records: Records, account: Account, inbound: Inbound, *, now: datetime, held: timedelta) -> Delivery:
    """Keep a delivery, with its contact and an open conversation. For ``held`` a direct answer may still be given."""
    contact = records.contacts.meet(
        Contact(
            contact_id=contact_id(account.kind, account.app_id, inbound),
            channel=account.kind,
            app_id=account.app_id,
            external_id=inbound.external_id,
            open_kfid=inbound.open_kfid,
            conversation_id=str(uuid4()),
            inbound_at=now,
            held_until=now,
        )
    )
    delivery = Delivery(
        delivery_id=inbound.delivery_id,
        contact_id=contact.contact_id,
        conversation_id=contact.conversation_id,
        message_id=f"m{hashlib.sha256(inbound.delivery_id.encode()).hexdigest()[:32]}",
        at=now,
        inbound=inbound,
    )
    known = records.deliveries.add(delivery)
    if known != delivery:
        return known
    contact = replace(_in_conversation(records, contact, now), inbound_at=now, held_until=now + held)
    records.contacts.put(contact)
    records.outbox.release(contact.contact_id, now)
    delivery = replace(delivery, conversation_id=contact.conversation_id)
    records.deliveries.put(delivery)
    return delivery


def reopened(records: Records, delivery: Delivery, *, now: datetime) -> Delivery:
    """The delivery in the contact's present conversation: the one it was meant for was closed meanwhile."""
    contact = records.contacts.find(delivery.contact_id)
    if contact is None:  # erased meanwhile
        raise NotFoundError("contact", delivery.contact_id)
    contact = _in_conversation(records, records.contacts.meet(contact), now)
    records.contacts.put(contact)
    moved = replace(delivery, conversation_id=contact.conversation_id)
    records.deliveries.put(moved)
    return moved


def _in_conversation(records: Records, contact: Contact, now: datetime) -> Contact:
    """In an open conversation of the customer the shop says this is: nobody goes on in what another one said."""
    customer_id = records.contacts.customer_of(contact.channel, contact.app_id, contact.external_id)
    conversation = records.conversations.lock(contact.conversation_id)
    if conversation is not None and conversation.status is not Status.CLOSED:
        if conversation.customer_id == customer_id:
            return contact
        if conversation.customer_id is None:
            records.conversations.put(replace(conversation, customer_id=customer_id))
            return contact
    fresh = str(uuid4()) if conversation is not None else contact.conversation_id
    records.conversations.put(
        Conversation(
            conversation_id=fresh,
            channel=contact.channel,
            status=Status.BOT,
            created_at=now,
            updated_at=now,
            customer_id=customer_id,
        )
    )
    return replace(contact, conversation_id=fresh)
