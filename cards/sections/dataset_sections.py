"""Tables and examples of a dataset card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Features

from dualview.cards.dataset_facts import ConfigFacts
from dualview.cards.sections.columns import describe_columns
from dualview.cards.text import Markdown, code, escape, shorten, table

_SHOWN_CHARACTERS = 420  # of a passage in an example: about 70 words

_WRITERS = {
    "replay": "uses recorded instructions; no model was asked while this dataset was built",
    "facets": "describes the attributes in which two passages differ, in many wordings; no model was asked",
    "contrasts": "names what one passage mentions and another does not, in many wordings; no model was asked",
    "endpoint": "asks a language model through an inference server",
}


def loading_code(configs: Sequence[ConfigFacts]) -> Markdown:
    """Return Python lines that load each config."""
    lines = []
    for config in configs:
        variable = re.sub(r"\W", "_", config.name)
        argument = "" if config.default else f', "{config.name}"'
        lines.append(f"{variable} = load_dataset(source{argument})  # {', '.join(config.splits)}")
    return Markdown("\n".join(lines))


def column_table(features: Features) -> Markdown:
    """Return the columns of a config with type and meaning."""
    described = describe_columns(features)
    return table(
        ["Column", "Type", "Content"],
        [[code(name), kind, Markdown(meaning)] for name, kind, meaning in described],
    )


def split_table(configs: Sequence[ConfigFacts]) -> Markdown:
    """Return the number of rows of each config and split."""
    splits = list(dict.fromkeys(split for config in configs for split in config.splits))
    rows = [
        [
            code(config.name),
            *(_grouped(config.splits[split]) if split in config.splits else "" for split in splits),
        ]
        for config in configs
    ]
    return table(["Config", *splits], rows, numbers=range(1, len(splits) + 1))


def count_table(
    header: str, counts: Mapping[str, int], share_of: str | None = None, longest: int | None = None
) -> Markdown:
    """Return counts as a table.

    :param share_of: adds shares of this total, and sorts by count.
    :param longest: number of rows; the others are summed up in one more row.
    """
    if share_of is None:
        return table([header, "Count"], [[name, _grouped(n)] for name, n in counts.items()], numbers=[1])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown, tail = ordered[:longest], ordered[longest:] if longest else []
    if tail:
        shown = [*shown, (f"{len(tail)} others", sum(n for _, n in tail))]
    total = sum(counts.values()) or 1
    rows = [[name, _grouped(n), f"{100 * n / total:.1f}%"] for name, n in shown]
    return table([header, "Count", f"Share of {share_of}"], rows, numbers=[1, 2])


def source_table(sources: Sequence[Mapping[str, str]]) -> Markdown:
    """Return the sources of the text with their licences."""
    return table(
        ["Source", "Licence", "Origin of the text"],
        [[s.get("name", ""), s.get("license", ""), s.get("origin", "")] for s in sources],
    )


def writer_table(writers: Sequence[Mapping[str, str | None]]) -> Markdown:
    """Return the writers of the instructions, with model, prompts and settings."""
    rows = []
    for writer in writers:
        kind = writer.get("kind") or ""
        rows.append([code(kind), _WRITERS.get(kind, ""), _details(writer, "kind")])
    return table(["Writer", "Method", "Details"], rows)


def describe_judge(judge: str | Mapping[str, str | None] | None) -> Markdown | None:
    """Return the judge's name and what else is known of it; None if there was no judge."""
    if judge is None or isinstance(judge, str):
        return code(judge) if judge else None
    name = "model" if judge.get("model") else "kind"
    details = _details(judge, name)
    return Markdown(f"{code(judge.get(name) or '')}{f' ({escape(details)})' if details else ''}")


def example(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of one example.

    :param row: of the config ``dual_view``.
    """
    views = [
        ["original", row["instruction"], _passage(row["positive"])],
        ["reversed", row["reversed_instruction"], _passage(row["reversed_positive"])],
    ]
    others = row.get("other_instruction_negatives") or []
    return {
        "query": row["query"],
        "lever": row.get("lever") or "",
        "source": row.get("source") or "",
        "views": table(["View", "Instruction", "The passage that is relevant"], views),
        "others": Markdown("; ".join(escape(passage.get("title") or passage["docid"]) for passage in others)),
    }


def _details(made_by: Mapping[str, str | None], name: str) -> str:
    known = [(key, value) for key, value in made_by.items() if key != name and value]
    return "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in known)


def _passage(passage: Mapping[str, Any]) -> Markdown:
    title = passage.get("title") or ""
    text = escape(shorten(passage.get("text") or "", _SHOWN_CHARACTERS))
    return Markdown(f"**{escape(title)}** {text}" if title.strip() else text)


def _grouped(count: int) -> str:
    return f"{count:,}"
