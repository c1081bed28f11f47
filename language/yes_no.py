"""Yes or no to a closed question: what a short answer means when the question is known."""

from __future__ import annotations

import re

from language.normalise import normalise

LONGEST = 14
"""Characters. A longer message says more than yes or no, and is heard as what it says."""

_NO = re.compile(
    r"^(不(?!错)|别|先别|先不|算了|罢了|得了吧|甭|莫|唔好|唔要|唔使|免了|等等|等一下|等下|慢着|错了|拒绝|no\b|nope|没必要|"
    r"用不着|我再想想|再想想|再说吧|那就(算|不|别))"
)
_TAIL = r"(?=$|[的吧呀啊嘞哒滴了啦哦喔噢呐呗,. 。，!！~]|就|那|我|谢)"
_YES = re.compile(
    rf"^((对|好|是|行|成|中|可|嗯|恩|妥|得){_TAIL}|(没错|不错|没问题|没毛病|可以|好好|对对|嗯嗯|行行|要得|係|ok|yes|yep|确认|确定|"
    r"同意|就这样|就这么|改吧|换吧|办吧|催吧|阔以|整吧|安排|👌|👍)|[y1]$|(那就|帮我|麻烦(你|您|了|啦|帮|$))(?!.*(取消|退|人工|算)))"
)
_COMPLAINT = re.compile(r"[贵慢少差死骗晚]|(?<!麻)烦")
_YES_END = re.compile(r"(改吧|换吧|办吧|催吧|没问题|确认)$")


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no, None when a short answer is neither, or the message is no short answer.

    >>> yes_or_no("没错，改吧"), yes_or_no("算了"), yes_or_no("到哪了")
    (True, False, None)
    """
    plain = normalise(text).text.strip(" ,.!~，。！～")
    if not plain or len(plain) > LONGEST or plain.endswith(("?", "？", "吗", "么", "呢")):
        return None
    if _NO.search(plain):
        return False
    if _COMPLAINT.search(plain):
        return None
    if _YES.search(plain) or _YES_END.search(plain):
        return True
    return None
