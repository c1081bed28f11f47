"""The composition root: which implementation stands behind every port, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from random import random

from compensation import guard as guarding
from compensation.catalog import Catalog
from compensation.deciding import Deciding, Draws
from compensation.engine import Engine, catalog_of
from compensation.experiment import Experiment
from compensation.guard import Guard
from compensation.pacing import Pacer
from compensation.uplift import LearnedEffect
from integrations.chatwoot import Chatwoot
from integrations.http_remedies import HttpRemedies
from integrations.live_catalog import LiveCatalog
from integrations.live_guard import LiveGuard
from integrations.live_interception import LiveInterception
from integrations.live_risk import LiveRisk
from integrations.oms import EmbeddedOrderSystem
from integrations.passwords import Argon2Passwords
from integrations.pictures import FolderPictures
from integrations.rasa import Rasa
from integrations.remedies import EmbeddedRemedies
from integrations.score_notes import note_score
from integrations.sealing import draw_salt, sealed_with
from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from integrations.wording import YamlWording
from language.yes_no import yes_or_no
from policies import answers, interception, trajectory
from policies import outreach as outreach_rows
from policies import staffing as staffing_rows
from policies.outreach import OutreachPolicy
from policies.trajectory import Trajectory
from retention.accounts import Accounts
from retention.console_ports import Passwords
from retention.desk import Desk
from retention.dispatcher import Dispatcher
from retention.fulfiller import Fulfiller
from retention.help_desk import HelpDesk
from retention.kindred import Kindred
from retention.money_ports import Remedies
from retention.ports import Clock, OrderSystem, Pictures, Store
from retention.queue import Queue
from retention.staffing import Staffing
from retention.visit import Rules

ROOT = Path(__file__).parent.parent
CATALOG = ROOT / "compensation" / "catalog.yml"
INTERCEPTION = ROOT / "policies" / "interception.yml"
GUARD = ROOT / "compensation" / "guard.yml"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One shop, wired.

    ``intents`` are the Chinese titles of all there are.
    """

    settings: Settings
    store: Store
    order_system: OrderSystem
    pictures: Pictures
    rules: Rules
    catalog: LiveCatalog
    risk: LiveRisk
    interception: LiveInterception
    guarding: LiveGuard
    effect: LearnedEffect
    pacer: Pacer
    desk: Desk
    wording: YamlWording
    queue: Queue
    dispatcher: Dispatcher
    staffing: Staffing
    outreach: OutreachPolicy
    accounts: Accounts
    clock: Clock
    help_desk: HelpDesk | None  # the shop's own
    connect_rasa: Callable[[], Rasa]
    intents: Mapping[str, str]
    remedies: Remedies
    fulfiller: Fulfiller

    @property
    def engine(self) -> Engine:
        """The catalog's as it is now."""
        return self.catalog.deciding.engine

    @property
    def guard(self) -> Guard:
        """Its file's as it is now."""
        return self.guarding.guard

    @property
    def experiment(self) -> Experiment:
        return self.catalog.deciding.experiment

    @property
    def escalates_at(self) -> float:
        """The probability from which a message calls a person."""
        return self.interception.escalates_at()


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the shop tunes, checked."""

    wording: YamlWording
    interception: interception.Interception
    catalog: Catalog
    guard: Guard
    answers: answers.Answers
    staffing: Staffing
    outreach: OutreachPolicy


@cache
def read_rows() -> Rows:
    """From the files, once per process. Raises CatalogError, PolicyError or WordingError for a bad row."""
    return Rows(
        wording=YamlWording.from_folder(ROOT / "nlu_data"),
        interception=interception.load(INTERCEPTION),
        catalog=catalog_of(CATALOG),
        guard=guarding.load(GUARD),
        answers=answers.load(ROOT / "policies" / "answers.yml"),
        staffing=staffing_rows.load(ROOT / "policies" / "staffing.yml"),
        outreach=outreach_rows.load(ROOT / "policies" / "outreach.yml"),
    )


def build(settings: Settings) -> Shop:
    """The shop on its own database. Raises as ``read_rows`` does, and StoreBusyError."""
    migrate(settings.database_url)
    return assemble(
        settings,
        open_store(settings.database_url),
        connect_rasa=lambda: _rasa(settings),
        help_desk=Chatwoot(settings.chatwoot) if settings.chatwoot else None,
    )


def assemble(
    settings: Settings,
    store: Store,
    *,
    connect_rasa: Callable[[], Rasa],
    clock: Clock | None = None,
    help_desk: HelpDesk | None = None,
    staffing: Staffing | None = None,
    outreach: OutreachPolicy | None = None,
    passwords: Passwords | None = None,
    catalog_file: Path = CATALOG,
    interception_file: Path = INTERCEPTION,
    guard_file: Path = GUARD,
) -> Shop:
    """The shop on any store, any Rasa, any clock, any staff, any rows and any way to hash passwords; fills the catalog's
    budgets.
    """
    clock, rows = clock or _now, read_rows()
    staffing, outreach = staffing or rows.staffing, outreach or rows.outreach
    wording, effect, pacer = rows.wording, LearnedEffect(), Pacer()
    live_guard = LiveGuard(
        guard_file, rows.guard if guard_file == GUARD else guarding.load(guard_file), store=store, clock=clock
    )
    intercepting = LiveInterception(
        interception_file,
        rows.interception if interception_file == INTERCEPTION else interception.load(interception_file),
        trajectory=Trajectory.load(settings.language_folder / trajectory.FILE),
        store=store,
        clock=clock,
    )
    catalog = LiveCatalog(
        catalog_file,
        rows.catalog if catalog_file == CATALOG else catalog_of(catalog_file),
        make=lambda read, challenger: _deciding(
            settings,
            read,
            challenger=challenger,
            guard=live_guard.now,
            engine=lambda of: Engine(of, max_rounds=intercepting.offer_rounds, effect=effect, prices=pacer),
            draws=Draws(due=lambda: effect.is_taught, salt=draw_salt(settings.secrets.shop_secret)),
        ),
        store=store,
        clock=clock,
    )
    risk = LiveRisk(settings.risk_folder, demo=settings.demo)
    rules = Rules(
        score=risk.score,
        choose=intercepting.choose,
        note_score=note_score,
        decide=catalog.decide,
        after_save=catalog.after_save,
        cap_window=catalog.cap_window,
        spent_since=catalog.spent_since,
        wants_person=intercepting.wants_person,
        shop_answer=rows.answers.answer,
        yes_or_no=yes_or_no,
        intent_title=wording.intent_title,
        allowance=catalog.allowance,
        staffing=staffing,
        stop_words=outreach.stop_words,
        kindred=Kindred(
            seal=sealed_with(settings.secrets.shop_secret), window=live_guard.window, crowd=live_guard.crowd
        ),
    )
    order_system = EmbeddedOrderSystem()
    remedies = connect_remedies(settings, store, clock)
    queue = Queue(store=store, wording=wording, clock=clock, staffing=staffing)
    return Shop(
        settings=settings,
        store=store,
        order_system=order_system,
        pictures=FolderPictures(settings.home / "attachments"),
        rules=rules,
        catalog=catalog,
        risk=risk,
        interception=intercepting,
        guarding=live_guard,
        effect=effect,
        pacer=pacer,
        desk=Desk(store=store, order_system=order_system, rules=rules, wording=wording, clock=clock),
        wording=wording,
        queue=queue,
        dispatcher=Dispatcher(store=store, queue=queue, staffing=staffing, clock=clock),
        staffing=staffing,
        outreach=outreach,
        accounts=Accounts(store=store, passwords=passwords or Argon2Passwords(), clock=clock),
        clock=clock,
        help_desk=help_desk,
        connect_rasa=connect_rasa,
        intents=wording.intent_titles(),
        remedies=remedies,
        fulfiller=Fulfiller(store=store, remedies=remedies, clock=clock, chance=random),
    )


def connect_remedies(settings: Settings, store: Store, clock: Clock) -> Remedies:
    """The shop's own order system when it has one, else the embedded one. Raises ValueError for an unusable secret."""
    if settings.order_system_url is None:
        return EmbeddedRemedies(store)
    return HttpRemedies(settings.order_system_url, settings.secrets.order_system_secret, clock)


def experiment_of(settings: Settings, catalog: Catalog) -> Experiment:
    """The catalog's, with the hold-out of the settings where they name one."""
    if settings.hold_out is None:
        return catalog.experiment
    return replace(catalog.experiment, hold_out=settings.hold_out)


def _deciding(
    settings: Settings,
    catalog: Catalog,
    *,
    challenger: Catalog | None,
    guard: Callable[[], Guard],
    engine: Callable[[Catalog], Engine],
    draws: Draws,
) -> Deciding:
    return Deciding(
        engine(catalog),
        guard=guard,
        experiment=experiment_of(settings, catalog),
        challenger=engine(challenger) if challenger else None,
        draws=draws,
    )


def _rasa(settings: Settings) -> Rasa:
    return Rasa(settings.rasa_url, settings.secrets.rasa_secret)


def _now() -> datetime:
    return datetime.now(timezone.utc)
