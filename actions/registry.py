"""Every action of the bot, ready to answer Rasa's calls."""

from __future__ import annotations

from rasa_sdk.executor import ActionExecutor

from actions.answering import AnsweringDesk
from actions.ask_back import ActionAskBack
from actions.desk import ActionDesk


def executor(desk: AnsweringDesk) -> ActionExecutor:
    """``await executor(desk).run(call)`` answers the JSON of one call with an object of ``events`` and ``responses``."""
    answering = ActionExecutor()
    for action in (ActionDesk(desk), ActionAskBack(desk)):
        answering.register_action(action)
    return answering
