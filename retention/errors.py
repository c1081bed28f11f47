"""The core's errors. A docstring is the message a person reads; attributes carry the data."""

from __future__ import annotations


class RetentionError(Exception):
    """Something in the shop's records did not allow this."""

    def __str__(self) -> str:
        words = (type(self).__doc__ or "").strip().splitlines()[0]
        details = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{words} ({details})" if details else words


class NotFoundError(RetentionError):
    """There is no such record."""

    def __init__(self, kind: str, record_id: str) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id


class IllegalMoveError(RetentionError):
    """The record's state does not allow this move."""

    def __init__(self, kind: str, record_id: str, state: str, move: str) -> None:
        super().__init__()
        self.kind = kind
        self.record_id = record_id
        self.state = state
        self.move = move


class BudgetExhaustedError(RetentionError):
    """The budget does not hold this amount any more."""

    def __init__(self, budget_id: str, wanted_fen: int, left_fen: int) -> None:
        super().__init__()
        self.budget_id = budget_id
        self.wanted_fen = wanted_fen
        self.left_fen = left_fen


class ChangeRefusedError(RetentionError):
    """The order system does not allow this change now."""

    def __init__(self, order_no: str, change: str, stage: str) -> None:
        super().__init__()
        self.order_no = order_no
        self.change = change
        self.stage = stage


class RemedyRefusedError(RetentionError):
    """The order system will not do this, however often it is asked."""

    def __init__(self, grant_id: str, problem: str) -> None:
        super().__init__()
        self.grant_id = grant_id
        self.problem = problem


class RemedyUncertainError(RetentionError):
    """Nobody knows yet whether the order system has done this; asking again is safe."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem


class OwnCorrectionError(RetentionError):
    """Nobody reviews a correction of their own."""

    def __init__(self, correction_id: str, associate: str) -> None:
        super().__init__()
        self.correction_id = correction_id
        self.associate = associate


class HelpDeskDownError(RetentionError):
    """The help desk did not do this."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem


class ForgedError(RetentionError):
    """Nothing proves that the help desk has sent this."""


class NoRoomError(RetentionError):
    """That associate cannot take a conversation now."""

    def __init__(self, associate: str, why: str) -> None:
        super().__init__()
        self.associate = associate
        self.why = why  # away, busy or full


class NotAllowedError(RetentionError):
    """The associate's role does not allow this."""

    def __init__(self, associate: str, act: str) -> None:
        super().__init__()
        self.associate = associate
        self.act = act


class NameTakenError(RetentionError):
    """The name is taken; choose another."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.kind = kind
        self.name = name


class LastAdminError(RetentionError):
    """Somebody must be left who keeps the accounts."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class StoreBusyError(RetentionError):
    """The store is locked or away; nothing was written, try again."""
