"""Which encoder a shop hears with: the packaged one by default, any other by name, or none at all."""

from __future__ import annotations

from pathlib import Path

from language.encoder.adapter import SHIPPED, read_adapter
from language.encoder.packaged import is_installed, read_packaged
from language.encoder.weights import Weights

PACKAGED, NONE = "packaged", "none"
ADAPTER = "adapter.npz"
"""What a training of the shop's own leaves in the folder of the language model."""


def base_weights(name: str) -> Weights | None:
    """The encoder as it came: ``packaged``, ``none``, a folder, or a name on a hub that this machine reaches.

    None where the spelling has to do alone, also on a machine the package is not built for. Raises EncoderMissingError.
    """
    if name == NONE or (name == PACKAGED and not is_installed()):
        return None
    if name == PACKAGED:
        return read_packaged()
    from language.train_hub import read_hub  # needs the training environment, and most shops never name another

    return read_hub(name)


def fine_tuned(base: Weights, folder: Path) -> Weights:
    """With the shop's own adapter in ``folder``, else with ours where it fits, else as it came. Raises AdapterError."""
    for file in (folder / ADAPTER, SHIPPED):
        if file.exists():
            adapter = read_adapter(file)
            if adapter.card["base"] == base.digest():
                return adapter.applied(base)
    return base
