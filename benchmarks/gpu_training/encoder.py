"""The encoder that is timed: gte-multilingual-base's shape, with random weights."""

from __future__ import annotations

import argparse
import tempfile

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models
from transformers import AutoModel, ModernBertConfig, PreTrainedTokenizerFast

from dualview.trainer.encoders.packing import allow_packing


def make_encoder(args: argparse.Namespace) -> SentenceTransformer:
    """Build the encoder with random weights."""
    config = ModernBertConfig(
        vocab_size=args.vocab,
        hidden_size=args.hidden,
        num_hidden_layers=args.layers,
        num_attention_heads=args.heads,
        intermediate_size=args.mlp,
        max_position_embeddings=8192,
        layer_types=["full_attention"] * args.layers,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1}, unk_token="[UNK]")),
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=args.tokens,
    )
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder, torch.device(args.device):
        AutoModel.from_config(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        module = Transformer(folder, model_kwargs={"attn_implementation": "sdpa"})
    model = SentenceTransformer(modules=[module, Pooling(args.hidden, "cls")], device=args.device)
    model.max_seq_length = args.tokens
    allow_packing(model)
    return model
