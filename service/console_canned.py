"""``/console/api``: replies kept ready, one's own and everybody's."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from integrations.codec import encode
from language.names import names
from retention.associate import LEADS
from retention.associate import Associate as Account
from retention.canned import PLACES, CannedReply, filled, unknown_places
from retention.conversation import Conversation
from retention.errors import NotFoundError
from retention.ports import Records
from retention.words import moment
from service.api.fields import Body, Id
from service.console import OURS, PATH, SignedIn
from service.context import Service, ServiceDep
from service.glossary import STAGES
from service.order_talked_about import order_talked_about
from service.problems import ProblemError, general
from service.text import cleaned

LONGEST_NAME = 4

router = APIRouter(prefix=PATH, tags=["console"])


class CannedBody(Body):
    shortcut: Annotated[str, Field(pattern=r"^/[^\s/\x00-\x1f\x7f]{1,20}$", description="Typed to find it: /kd")]
    title: Annotated[str, Field(pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,38}[^\x00-\x20\x7f])?$")]
    text: str
    shared: Annotated[bool, Field(description="Everybody's; only supervisors keep those")] = False


@router.get("/canned", summary="Replies one may use, by shortcut, and what may stand between {{ and }}")
def listed(associate: SignedIn, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        found = records.canned.usable_by(associate.name)
    places = [{"place": place, "words": words} for place, words in PLACES.items()]
    return {"canned": [canned_view(reply) for reply in found], "places": places}


@router.post("/canned", dependencies=OURS, status_code=201, summary="Keep a reply ready")
def add(body: CannedBody, associate: SignedIn, service: ServiceDep) -> dict[str, Any]:
    reply = _reply(body, str(uuid4()), associate, service)
    with service.shop.store.transaction() as records:
        if not records.canned.add(reply):
            raise _taken(reply)
    return {"canned": canned_view(reply)}


@router.put("/canned/{canned_id}", dependencies=OURS, summary="Replace a reply")
def put(canned_id: Id, body: CannedBody, associate: SignedIn, service: ServiceDep) -> dict[str, Any]:
    reply = _reply(body, canned_id, associate, service)
    with service.shop.store.transaction() as records:
        _own(records, canned_id, associate)
        if not records.canned.update(reply):
            raise _taken(reply)
    return {"canned": canned_view(reply)}


@router.delete("/canned/{canned_id}", dependencies=OURS, status_code=204, summary="Throw a reply away")
def remove(canned_id: Id, associate: SignedIn, service: ServiceDep) -> Response:
    with service.shop.store.transaction() as records:
        _own(records, canned_id, associate)
        records.canned.remove(canned_id)
    return Response(status_code=204)


@router.get(
    "/canned/{canned_id}/rendered", summary="The reply filled from a conversation; ``missing`` stays to be typed"
)
def rendered(
    canned_id: Id, associate: SignedIn, service: ServiceDep, conversation_id: Annotated[Id, Query()]
) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        reply = records.canned.find(canned_id)
        if reply is None or reply.owner not in (None, associate.name):
            raise NotFoundError("canned_reply", canned_id)
        conversation = records.conversations.find(conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", conversation_id)
        values = {**_known(service, records, conversation), "associate": associate.display}
    text, missing = filled(reply.text, values)
    return {"text": text, "missing": [{"place": place, "words": PLACES.get(place, place)} for place in missing]}


def canned_view(reply: CannedReply) -> dict[str, Any]:
    return {
        "id": reply.canned_id,
        "shortcut": reply.shortcut,
        "title": reply.title,
        "text": reply.text,
        "owner": reply.owner,
        "updated_at": encode(reply.updated_at),
    }


def called(name: str) -> str | None:
    """How to speak to somebody whose name is known, but not whether they are a man or a woman; None for a nickname.

    >>> called("李小明"), called("欧阳小满"), called("爱吃鱼的猫")
    ('李先生/女士', '欧阳先生/女士', None)
    """
    if not 2 <= len(name) <= LONGEST_NAME:
        return None
    compound = next((one for one in names().compound_surnames if name.startswith(one) and name != one), None)
    surname = compound or (name[0] if name[0] in names().surnames else None)
    return f"{surname}先生/女士" if surname else None


def _known(service: Service, records: Records, conversation: Conversation) -> dict[str, str]:
    """What fills a reply's places in this conversation."""
    known: dict[str, str | None] = {}
    customer = records.customers.find(conversation.customer_id) if conversation.customer_id else None
    known["customer"] = called(customer.name) if customer else None
    order = order_talked_about(records, conversation)
    if order is not None:
        late_hours = int(order.late_hours(service.shop.clock()))
        known |= {
            "order_tail": order.order_no[-4:],
            "order_title": order.title,
            "stage": STAGES[order.stage],
            "late_hours": str(late_hours) if late_hours else None,
            "promised_at": moment(order.promised_delivery_at) if order.promised_delivery_at else None,
        }
    return {place: value for place, value in known.items() if value}


def _reply(body: CannedBody, canned_id: str, associate: Account, service: Service) -> CannedReply:
    if body.shared and associate.role not in LEADS:
        raise ProblemError(403, "shared_is_for_supervisors", "公共话术由主管维护，您可以先存为自己的话术。")
    text = cleaned(body.text)
    unknown = unknown_places(text)
    if unknown:
        errors = tuple(
            {"where": "body.text", "what": f"unknown place {{{{{name}}}}}", "fix": f"one of {', '.join(PLACES)}"}
            for name in unknown
        )
        raise ProblemError.of(general(422, PATH, errors=errors))
    return CannedReply(
        canned_id=canned_id,
        shortcut=body.shortcut,
        title=body.title,
        text=text,
        owner=None if body.shared else associate.name,
        updated_at=service.shop.clock(),
    )


def _own(records: Records, canned_id: str, associate: Account) -> None:
    """Raises unless it is theirs to change."""
    kept = records.canned.find(canned_id)
    if kept is None or kept.owner not in (None, associate.name):
        raise NotFoundError("canned_reply", canned_id)
    if kept.owner is None and associate.role not in LEADS:
        raise ProblemError(403, "shared_is_for_supervisors", "公共话术由主管维护，您可以先存为自己的话术。")


def _taken(reply: CannedReply) -> ProblemError:
    return ProblemError(409, "shortcut_taken", f"快捷词{reply.shortcut}已经有话术在用，请换一个。")
