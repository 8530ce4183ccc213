"""Texts without padding: the same vectors as with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoTokenizer, ModernBertConfig, ModernBertModel

from dualview.cards.errors import InputError
from dualview.trainer.encoders.embedding import (
    chunks_by_length,
    embed,
    embed_columns,
    text_keys,
    text_lengths,
)
from dualview.trainer.encoders.models import load_model
from dualview.trainer.encoders.packing import PACKED, allow_packing, packed_attention, packs

TEXTS = ["short", "a text of several more words than the first", "", "one more " * 30]


@pytest.fixture(scope="module")
def modernbert_path(minilm_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narrow ModernBERT with a sliding window in every other layer."""
    folder = tmp_path_factory.mktemp("modernbert")
    torch.manual_seed(0)
    config = ModernBertConfig(
        vocab_size=30_522,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        local_attention=8,
        layer_types=["full_attention", "sliding_attention"],
        pad_token_id=0,
    )
    ModernBertModel(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(minilm_path).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("encoder", ["tiny_path", "modernbert_path"])
@pytest.mark.parametrize("chunk_tokens", [20, 10_000])
def test_packed_texts_give_the_vectors_of_padded_ones(
    encoder: str, chunk_tokens: int, request: pytest.FixtureRequest
) -> None:
    folder = str(request.getfixturevalue(encoder))
    padded = load_model(folder, device="cpu").eval()
    packed = load_model(folder, device="cpu", attn_implementation=PACKED).eval()
    assert packs(packed) and not packs(padded)
    features = padded.preprocess(TEXTS)
    wanted = padded(dict(features))["sentence_embedding"]
    torch.testing.assert_close(embed(packed, features, chunk_tokens), wanted, atol=1e-5, rtol=1e-4)


def test_columns_that_share_a_forward_pass_keep_their_vectors(tiny_path: Path) -> None:
    padded = load_model(str(tiny_path), device="cpu").eval()
    packed = load_model(str(tiny_path), device="cpu", attn_implementation=PACKED).eval()
    columns = [padded.preprocess(TEXTS[:1]), padded.preprocess(TEXTS[1:])]
    passes = []
    packed.register_forward_pre_hook(lambda module, inputs: passes.append(inputs))
    found = embed_columns(packed, columns)
    assert len(passes) == 1
    for ours, theirs in zip(found, embed_columns(padded, columns), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_gradients_flow_through_packed_texts(tiny_path: Path) -> None:
    packed = load_model(str(tiny_path), device="cpu", attn_implementation=PACKED)
    padded = load_model(str(tiny_path), device="cpu")
    for model in (packed, padded):
        embed(model, model.preprocess(TEXTS), 40).square().sum().backward()
    for (name, ours), (_, theirs) in zip(packed.named_parameters(), padded.named_parameters(), strict=True):
        if theirs.grad is not None:
            torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-4, rtol=1e-3, msg=name)


def test_a_packing_model_still_encodes_for_use(tiny_path: Path, tiny_loaded: SentenceTransformer) -> None:
    packed = load_model(str(tiny_path), device="cpu", attn_implementation=PACKED)
    wanted = torch.tensor(tiny_loaded.encode(TEXTS))
    torch.testing.assert_close(torch.tensor(packed.encode(TEXTS)), wanted, atol=1e-5, rtol=1e-4)


def test_an_encoder_with_attention_of_its_own_is_refused(tiny: SentenceTransformer) -> None:
    type(tiny.transformers_model)._supports_attention_backend = False
    try:
        with pytest.raises(InputError, match="brings its own attention"):
            allow_packing(tiny)
    finally:
        type(tiny.transformers_model)._supports_attention_backend = True


def test_an_encoder_whose_tokens_look_back_alone_is_refused(tiny: SentenceTransformer) -> None:
    for module in tiny.transformers_model.modules():
        if hasattr(module, "is_causal"):
            module.is_causal = True
    with pytest.raises(InputError, match="attend only to those before them; leave it out"):
        allow_packing(tiny)


def test_attention_weights_drop_out_while_training() -> None:
    module, ones = torch.nn.Module(), torch.ones(1, 1, 200, 1)
    bounds = torch.tensor([0, 50, 200], dtype=torch.int32)

    def attended(dropout: float) -> torch.Tensor:
        found, _ = packed_attention(module, ones, ones, ones, None, dropout=dropout, cu_seq_lens_q=bounds)
        return found.flatten()

    torch.manual_seed(0)
    torch.testing.assert_close(attended(0.0), torch.ones(200))
    dropped = attended(0.5)
    assert dropped.std() > 0.01 and dropped.mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("packed", [False, True])
def test_chunks_hold_texts_of_similar_length(packed: bool) -> None:
    lengths = [1, 9, 2, 3, 8, 1]
    order, chunks = chunks_by_length(lengths, 18, packed)
    found = [chunk.lengths for chunk in chunks]
    # Packed, 24 tokens make two chunks of about 12; padded, a chunk is as wide as its first text.
    assert found == ([[9, 8], [3, 2, 1, 1]])
    assert [length for chunk in found for length in chunk] == sorted(lengths, reverse=True)
    assert all((sum(chunk) if packed else len(chunk) * chunk[0]) <= 18 for chunk in found)
    assert sorted(order) == list(range(6))
    assert [text for chunk in chunks for text in chunk.rows] == order


def test_left_padding_is_not_cut() -> None:
    mask = torch.tensor([[0, 0, 0, 1], [1, 1, 1, 1]])
    assert text_lengths({"attention_mask": mask}) == [4, 4]


def test_keys_are_those_of_the_text_alone(tiny_loaded: SentenceTransformer) -> None:
    from dualview.trainer.encoders.packing import pack_texts

    narrow = text_keys(tiny_loaded.preprocess(["one text", "another one"]))
    features: dict[str, Any] = tiny_loaded.preprocess(
        ["another one", "one text", "a very much longer text than that"]
    )
    wide = text_keys(features)
    assert wide[0] == narrow[1] and wide[1] == narrow[0]
    assert len(set(wide.tolist())) == 3
    lengths = features["attention_mask"].sum(dim=1)
    packed = pack_texts(tiny_loaded, features, torch.arange(3), lengths, int(lengths.sum()))
    assert text_keys(packed).tolist() == wide.tolist()
