"""Texts that look like exclusions and exclude nothing: what training must leave where the base has them."""

from __future__ import annotations

from benchmarks.compose.cues import read_table

TRAPS: dict[str, tuple[str, ...]] = {split: tuple(texts) for split, texts in read_table()["kept"].items()}
