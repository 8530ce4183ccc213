"""Tiny random base models of many kinds, saved to folders."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router, Transformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, StaticEmbedding
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    GPT2Config,
    GPT2Model,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3Model,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
)

_SPECIAL = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
_SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
#: Tokens that most of these models read.
READ = 200


def tokenizer(special: dict[str, str], **more: object) -> PreTrainedTokenizerFast:
    """A byte-pair tokeniser of made-up words: most English words become several tokens."""
    draw = random.Random(0)
    words = ["".join(draw.choices("aeioubcdfglmnprstw", k=draw.randint(2, 7))) for _ in range(500)]
    inner = Tokenizer(models.BPE(unk_token=special["unk_token"]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    wanted = list(dict.fromkeys(special.values()))
    inner.train_from_iterator(
        words, trainers.BpeTrainer(vocab_size=400, special_tokens=wanted, initial_alphabet=alphabet)
    )
    if "cls_token" in special:
        first, last = special["cls_token"], special["sep_token"]
        inner.post_processor = processors.BertProcessing(
            (last, inner.token_to_id(last)), (first, inner.token_to_id(first))
        )
    return PreTrainedTokenizerFast(tokenizer_object=inner, **special, **more)


def _encoder(kind: type, config: Any, folder: Path, words: Any = None) -> Transformer:
    """Save an encoder with random weights and its tokeniser, and load them as a module."""
    torch.manual_seed(len(folder.name))
    words = words or tokenizer(_SPECIAL, model_max_length=READ)
    kind(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return Transformer(str(folder))


def _bert(folder: Path) -> Transformer:
    return _encoder(BertModel, BertConfig(vocab_size=400, max_position_embeddings=512, **_SIZES), folder)


def _roberta(folder: Path) -> Transformer:
    """514 positions, as published ones have, for 512 tokens; its tokeniser names no limit."""
    config = RobertaConfig(vocab_size=400, max_position_embeddings=514, pad_token_id=1, **_SIZES)
    return _encoder(RobertaModel, config, folder, tokenizer(_SPECIAL))


def _gpt2(folder: Path) -> Transformer:
    end = "<|endoftext|>"
    words = tokenizer({"bos_token": end, "eos_token": end, "unk_token": end})
    config = GPT2Config(vocab_size=400, n_embd=32, n_layer=2, n_head=2, n_positions=512)
    return _encoder(GPT2Model, config, folder, words)


def _mpnet(folder: Path) -> Transformer:
    config = MPNetConfig(vocab_size=400, max_position_embeddings=514, pad_token_id=1, **_SIZES)
    return _encoder(MPNetModel, config, folder)


def _modernbert(folder: Path) -> Transformer:
    ids = {f"{name}_token_id": number for number, name in enumerate(("pad", "bos", "cls", "eos", "sep"))}
    return _encoder(ModernBertModel, ModernBertConfig(vocab_size=400, **_SIZES, **ids), folder)


def _qwen3(folder: Path) -> Transformer:
    config = Qwen3Config(vocab_size=400, num_key_value_heads=1, head_dim=16, **_SIZES)
    return _encoder(Qwen3Model, config, folder)


def _t5(folder: Path) -> Transformer:
    config = T5Config(vocab_size=400, d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2)
    return _encoder(T5EncoderModel, config, folder)


def _router(folder: Path, names: tuple[str, str] = ("query", "document")) -> Router:
    sides = {name: [_bert(folder / name), Pooling(32)] for name in names}
    return Router(sides, allow_empty_key=False)


def _shared_router(folder: Path) -> Router:
    encoder = _bert(folder / "both")
    return Router.for_query_document([encoder, Pooling(32)], [encoder, Pooling(32), Normalize()])


KINDS: dict[str, Callable[[Path], list[Any]]] = {
    "bert": lambda folder: [_bert(folder), Pooling(32)],
    "cls and normalize": lambda folder: [_bert(folder), Pooling(32, "cls"), Normalize()],
    "dense": lambda folder: [_bert(folder), Pooling(32), Dense(32, 16), Normalize()],
    "roberta": lambda folder: [_roberta(folder), Pooling(32)],
    "mpnet": lambda folder: [_mpnet(folder), Pooling(32)],
    "modernbert": lambda folder: [_modernbert(folder), Pooling(32)],
    "qwen3": lambda folder: [_qwen3(folder), Pooling(32, "lasttoken"), Normalize()],
    "t5 and dense": lambda folder: [_t5(folder), Pooling(32), Dense(32, 16, bias=False), Normalize()],
    "gpt2": lambda folder: [_gpt2(folder), Pooling(32, "lasttoken")],
    "router": lambda folder: [_router(folder)],
    "router document first": lambda folder: [_router(folder, ("document", "query"))],
    "router and dense": lambda folder: [_router(folder), Dense(32, 16), Normalize()],
    "router of one encoder": lambda folder: [_shared_router(folder)],
    "router of passages": lambda folder: [_router(folder, ("query", "passage")), Normalize()],
    "static": lambda folder: [StaticEmbedding(tokenizer(_SPECIAL).backend_tokenizer, embedding_dim=32)],
}


def make_base(kind: str, folder: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Save a tiny random base model of a kind to a folder, its weights in a number format."""
    torch.manual_seed(0)
    model = SentenceTransformer(modules=KINDS[kind](folder.parent / f"parts-{folder.name}"), device="cpu")
    model.prompts = {"query": "ask: ", "document": "read: "}
    model.to(dtype).save_pretrained(str(folder), create_model_card=False)
    return folder
