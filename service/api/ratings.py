"""``/v1/chat/rating``: what the shopper says of the associate, after the talk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from retention.audit import AuditEntry
from retention.errors import NotFoundError
from retention.notice import NoticeKind
from retention.rating import CHANGEABLE, SCORES, Rating, rateable
from retention.telling import tell
from service.api.fields import Body
from service.context import Service, ServiceDep
from service.problems import ProblemError
from service.security import Talking
from service.text import cleaned

LONGEST_COMMENT = 500

router = APIRouter(prefix="/v1/chat", tags=["chat"])


class RatingBody(Body):
    score: Annotated[int, Field(ge=SCORES[0], le=SCORES[-1], description="1 to 5, best last")]
    comment: Annotated[str | None, Field(max_length=LONGEST_COMMENT)] = None


class Rated(TypedDict):
    score: int
    comment: str
    rated_at: datetime
    changeable_until: datetime


@router.post("/rating", summary="Rate the associate once a handoff; may be changed within a day")
async def rate(body: RatingBody, conversation_id: Talking, service: ServiceDep) -> Rated:
    await service.limiter.message(conversation_id)
    comment = cleaned(body.comment) if body.comment and body.comment.strip() else ""
    rating = await run_in_threadpool(_rated, service, conversation_id, body.score, comment)
    return {
        "score": rating.score,
        "comment": rating.comment,
        "rated_at": rating.rated_at,
        "changeable_until": rating.rated_at + CHANGEABLE,
    }


def _rated(service: Service, conversation_id: str, score: int, comment: str) -> Rating:
    now = service.shop.clock()
    with service.shop.store.transaction() as records:
        # Locked, so that no erasure can come between and leave a comment behind.
        if records.conversations.lock(conversation_id) is None:
            raise NotFoundError("conversation", conversation_id)
        handoff = rateable(records.handoffs.of_conversation(conversation_id))
        if handoff is None:
            raise ProblemError(409, "nothing_to_rate", "人工服务结束后才能评价，感谢您的耐心。")
        before = records.ratings.find(handoff.handoff_id)
        if before is not None and before.is_final(now):
            raise ProblemError(409, "rating_final", "评价提交一天后就不能再修改了，感谢您的反馈。")
        first = Rating(
            handoff_id=handoff.handoff_id,
            conversation_id=conversation_id,
            score=score,
            comment=comment,
            rated_at=now,
            updated_at=now,
        )
        rating = replace(first, rated_at=before.rated_at) if before else first
        records.ratings.put(rating)
        subject = f"conversation:{conversation_id}"
        records.audit.add(
            AuditEntry(at=now, actor="shopper", act="handoff_rated", subject=subject, data={"score": score})
        )
        told = {"conversation_id": conversation_id, "handoff_id": handoff.handoff_id, "score": score}
        tell(
            records,
            NoticeKind.CONVERSATION_RATED,
            handoff.handoff_id,
            at=now,
            data=told,
            customer_id=handoff.customer_id,
        )
        return rating
