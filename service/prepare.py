"""Everything a start needs to be there first: tables, demo data, trained models. What is there is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.ports import Store
from service.training import SEED, TRAININGS, Progress, Training, history
from twin.demo import SHOPPERS, install


def prepare(settings: Settings, console: Console) -> None:
    """Bring this home up to date. Raises what the steps raise."""
    with step(console, "准备数据库") as told:
        migrate(settings.database_url)
        told("数据库已就绪", 1.0)
    for training in TRAININGS:
        if _is_ours(settings, training) and not training.is_current(settings):
            run(training, settings, console)
    if settings.demo:
        store = open_store(settings.database_url)
        try:
            install_demo(store, console)
        finally:
            store.close()


def run(training: Training, settings: Settings, console: Console, *, whole: bool = False) -> None:
    train = training.whole if whole and training.whole else training.train
    with step(console, f"训练{training.title}") as told:
        words = train(settings, told)
    if words:
        console.print(words, highlight=False, markup=False)


def install_demo(store: Store, console: Console) -> None:
    with store.transaction() as records:
        if records.customers.find(SHOPPERS[-1].customer_id) is not None:
            return
    past = history()
    with step(console, "准备演示店铺（合成数据）") as told:
        install(store, seed=SEED, now=past.now, progress=told, history=past)


@contextmanager
def step(console: Console, title: str) -> Iterator[Progress]:
    """One line that says what is going on, how far it is and how long it has taken."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Bar(*columns, console=console) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda words, done: bar.update(task, description=f"{title}：{words}", completed=done)
        bar.update(task, description=f"{title}：完成", completed=1.0)


def _is_ours(settings: Settings, training: Training) -> bool:
    """A Rasa server elsewhere brings its own bot and language model."""
    return settings.own_rasa or training.name == "risk"
