"""Rasa's command line without TensorFlow: ``python -m bot.light run ...`` is ``rasa run ...``.

Rasa imports TensorFlow for classifiers and policies that this bot does not have. Without it the server starts in half
the time and holds 350 MB less. A pipeline that does need it fails here with a clear error; start such a one,
like the stock one of the benchmarks, with ``rasa`` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LEFT_OUT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})


class NotHereError(RuntimeError):
    """This pipeline needs TensorFlow, which bot.light leaves out: use `rasa` instead of `python -m bot.light`."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Everything(type):
    """A class that has every attribute, itself each time, and may be a base class or a decorator, but never be used."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and callable(arguments[0]) and not options:
            return arguments[0]
        raise NotHereError


class StandIn(metaclass=Everything):
    """What every name of a module left out stands for."""


class EmptyModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class LeavingOut(MetaPathFinder, Loader):
    """Finds an empty module wherever TensorFlow or a part of it is imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in LEFT_OUT else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return None


def main() -> None:
    sys.meta_path.insert(0, LeavingOut())
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
