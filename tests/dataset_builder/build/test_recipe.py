"""The recipe and the command in the card: all that is needed, no secret, nothing of one machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from dualview.dataset_builder.build.recorded_arguments import command_line, recorded_arguments


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    made.add_argument("--source", action="extend", nargs="+")
    made.add_argument("--out", type=Path)
    made.add_argument("--overwrite", action="store_true")
    made.add_argument("--seed", type=int, default=13)
    made.add_argument("--share", type=float, default=0.25)
    made.add_argument("--fast", action=argparse.BooleanOptionalAction, default=True)
    made.add_argument("--deep", action="store_true")
    made.add_argument("--model-url")
    made.add_argument("--api-key")
    made.add_argument("--hf-token")
    made.add_argument("--max-tokens", type=int, default=5)
    made.add_argument("--file", type=Path)
    return made


def parsed(*flags: str) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    made = parser()
    return made, made.parse_args(flags)


def command(*flags: str) -> str:
    return command_line(["build"], *parsed(*flags), out="dataset")


def test_the_command_says_what_differs_from_the_defaults() -> None:
    assert command("--source", "seeds") == "build --source seeds --out dataset"
    assert command("--source", "a", "b", "--source", "c d", "--seed", "13", "--deep", "--no-fast") == (
        "build --source a --source b --source 'c d' --no-fast --deep --out dataset"
    )
    assert command("--share", "0.5", "--overwrite", "--out", "elsewhere") == "build --share 0.5 --out dataset"


def test_secrets_are_recorded_nowhere() -> None:
    flags = (
        "--api-key",
        "very-secret",
        "--hf-token",
        "very-secret",
        "--model-url",
        "https://me:very-secret@x.y/v1",
    )
    assert "very-secret" not in command(*flags)
    recorded = recorded_arguments(*parsed(*flags))
    assert "very-secret" not in repr(recorded)
    assert recorded["model_url"] == "https://x.y/v1" and recorded["max_tokens"] == 5


def test_paths_of_a_machine_become_names() -> None:
    somewhere = Path.cwd() / "private" / "own.jsonl"
    flags = (
        "--source",
        str(somewhere),
        f"beir:{somewhere.parent}",
        "data/own.jsonl",
        "--file",
        str(somewhere),
    )
    recorded = recorded_arguments(*parsed(*flags))
    assert recorded["source"] == ["own.jsonl", "beir:private", "data/own.jsonl"]
    assert recorded["file"] == "own.jsonl" and "out" not in recorded and "overwrite" not in recorded
    assert str(Path.cwd()) not in command(*flags)
