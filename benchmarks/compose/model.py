"""A BERT encoder with mean pooling, and texts that are tokenised once and picked by number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers import AutoModel

MAX_TOKENS = 256


class Encoder(nn.Module):
    """Mean of the last layer over a text's tokens, at unit length; no dropout, in training too.

    :param folder: a BERT encoder in transformers' layout; its weights are held in 32 bits.
    :param bf16: multiply matrices in bfloat16, which some CPUs do two to three times as fast.
    """

    def __init__(self, folder: Path, bf16: bool = False) -> None:
        super().__init__()
        self.bf16 = bf16
        self.bert = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
        self.bert.pooler = None
        self.bert.eval()

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Encode padded texts.

        :param tokens: (texts, length) integers; ``mask`` (texts, length) is true where there is a token.
        :return: (texts, dim) unit vectors.
        """
        with torch.autocast(tokens.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            hidden = self.bert(input_ids=tokens, attention_mask=mask.long()).last_hidden_state
        hidden = hidden.float()
        present = mask[:, :, None].to(hidden.dtype)
        return normalize((hidden * present).sum(dim=1) / present.sum(dim=1), dim=1)

    def freeze(self, layers: int) -> None:
        """Stop training the embeddings and so many layers above them; -1 trains everything."""
        if layers >= 0:
            self.bert.embeddings.requires_grad_(False)
            for layer in self.bert.encoder.layer[:layers]:
                layer.requires_grad_(False)


class Tokens:
    """Tokens of many texts, one after the other on the device.

    :param tokenizer: of the encoder; see :func:`load_tokenizer`.
    :param texts: to be picked by their place.
    """

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], device: torch.device) -> None:
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        self.lengths = np.array([len(ids) for ids in encoded], dtype=np.int64)
        flat = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in encoded])
        self._starts = torch.from_numpy(np.cumsum(self.lengths) - self.lengths).to(device)
        self._lengths = torch.from_numpy(self.lengths).to(device)
        self._flat = torch.from_numpy(flat).to(device)
        self.device = device

    def __len__(self) -> int:
        return len(self.lengths)

    def pick(self, places: np.ndarray) -> tuple[Tensor, Tensor]:
        """Pad some texts to the longest of them: tokens and mask, (texts, length) each."""
        longest = int(self.lengths[places].max())
        rows = torch.from_numpy(np.ascontiguousarray(places)).to(self.device, non_blocking=True)
        steps = torch.arange(longest, device=self.device)[None, :]
        mask = steps < self._lengths[rows][:, None]
        at = (self._starts[rows][:, None] + steps).clamp_(max=len(self._flat) - 1)
        return self._flat[at] * mask, mask


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read an encoder's tokenizer; texts are cut at 256 tokens and not padded."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


@torch.no_grad()
def encode_all(encoder: Encoder, texts: Tokens, budget: int = 131_072) -> Tensor:
    """Encode all texts, those of like length together.

    :param budget: tokens of one forward pass, padding included.
    :return: (texts, dim) on the device of the texts.
    """
    order = np.argsort(texts.lengths, kind="stable")
    if texts.device.type == "cpu":
        budget = 8_192
    vectors: Tensor | None = None
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * texts.lengths[order[end]] <= budget:
            end += 1
        part = order[start:end]
        found = encoder(*texts.pick(part))
        if vectors is None:
            vectors = torch.empty(len(order), found.shape[1], device=texts.device)
        vectors[torch.from_numpy(part).to(texts.device)] = found
        start = end
    assert vectors is not None
    return vectors
