"""The card of a dual-view dataset, written from what was built.

The metadata carries the configs and their features, so that ``load_dataset(folder, config)`` works from the
folder and from the Hub and gives the declared features; the text says what a reader must know before training
on the rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasets import Features
from datasets.info import DatasetInfo, DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from dualview.cards.columns import describe_columns
from dualview.cards.dataset_facts import ConfigFacts, DatasetFacts
from dualview.cards.licenses import hub_license
from dualview.cards.readme import FILE_NAME, kept_by_hand, render, write_text
from dualview.cards.text import Markdown, code, escape, one_line, shorten, table

__all__ = ["ConfigFacts", "DatasetFacts", "write_dataset_card"]

SHOWN_EXAMPLES = 3
SHOWN_LEVERS = 20
SHOWN_CHARACTERS = 420  # of a passage in an example: about 70 words

_WRITERS = {
    "replay": "plays instructions that were recorded before; no model was asked while this dataset was built",
    "facets": "puts the attributes in which two passages differ into varied wording; no model was asked",
    "endpoint": "asks a language model through an inference server",
}
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def write_dataset_card(folder: Path, facts: DatasetFacts) -> Path:
    """Write ``README.md`` into the folder of a dataset and return its path.

    A section between ``<!-- by hand -->`` and ``<!-- /by hand -->`` of a card that is there already is kept.

    :param folder: the folder that holds the data files.
    :raises CardError: if the card cannot be written, or such a section is not closed.
    """
    path = folder / FILE_NAME
    by_hand = kept_by_hand(path)
    # The library's own class parses what was rendered: what it cannot read back is not written.
    card = DatasetCard(render_dataset_card(facts, by_hand))
    return write_text(path, str(card))


def render_dataset_card(facts: DatasetFacts, by_hand: Markdown) -> str:
    """The text of the card with its metadata.

    :param by_hand: the section that a person wrote, with its marks.
    """
    return render(
        "dataset_card.md.jinja",
        metadata=Markdown(dataset_card_data(facts).to_yaml()),
        facts=facts,
        loads=_loads(facts.configs),
        columns=[(config.name, _column_table(config.features)) for config in facts.configs],
        splits=_split_table(facts.configs),
        yields=_count_table("Stage", facts.yields),
        reasons=_count_table("Reason", facts.rejected_by_reason, share_of="rejected"),
        levers=_count_table("Lever", facts.levers, share_of="rows", longest=SHOWN_LEVERS),
        styles=_count_table("Style", facts.styles, share_of="rows"),
        sources=table(
            ["Source", "Licence", "Where the text comes from"],
            [[s.get("name", ""), s.get("license", ""), s.get("origin", "")] for s in facts.sources],
        ),
        writers=_writer_table(facts.writers),
        judge=_judge(facts.judge),
        examples=[_example(row) for row in facts.example_rows[:SHOWN_EXAMPLES]],
        by_hand=by_hand,
    )


def dataset_card_data(facts: DatasetFacts) -> DatasetCardData:
    """The metadata of the card: what the Hub lists, and what ``load_dataset`` reads."""
    licenses = list(dict.fromkeys(hub_license(name) for name in facts.licenses))
    unknown = [one_line(name) for name in facts.licenses if hub_license(name) == "other"]
    data = DatasetCardData(
        pretty_name=one_line(facts.pretty_name),
        language=list(facts.languages),
        license=licenses[0] if len(licenses) == 1 else licenses,
        license_name=", ".join(unknown) or None,
        task_categories=["text-retrieval"],
        size_categories=[_size(facts.configs)],
        tags=["sentence-transformers", "information-retrieval", "instruction-following", "dual-view"],
        configs=[_config_metadata(config) for config in facts.configs],
    )
    infos = {config.name: DatasetInfo(features=config.features) for config in facts.configs}
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return data


def _config_metadata(config: ConfigFacts) -> dict[str, Any]:
    files = [{"split": split, "path": config.data_files[split]} for split in config.splits]
    metadata: dict[str, Any] = {"config_name": config.name, "data_files": files}
    if config.default:
        metadata["default"] = True
    return metadata


def _size(configs: tuple[ConfigFacts, ...]) -> str:
    main = next((config for config in configs if config.default), configs[0])
    rows = sum(main.splits.values())
    return next((name for bound, name in _SIZES if rows < bound), "100M<n<1B")


def _loads(configs: tuple[ConfigFacts, ...]) -> Markdown:
    lines = []
    for config in configs:
        variable = re.sub(r"\W", "_", config.name)
        argument = "" if config.default else f', "{config.name}"'
        lines.append(f"{variable} = load_dataset(source{argument})  # {', '.join(config.splits)}")
    return Markdown("\n".join(lines))


def _column_table(features: Features) -> Markdown:
    described = describe_columns(features)
    return table(
        ["Column", "Type", "Holds"], [[code(name), kind, Markdown(holds)] for name, kind, holds in described]
    )


def _split_table(configs: tuple[ConfigFacts, ...]) -> Markdown:
    splits = list(dict.fromkeys(split for config in configs for split in config.splits))
    rows = [
        [
            code(config.name),
            *(_grouped(config.splits[split]) if split in config.splits else "" for split in splits),
        ]
        for config in configs
    ]
    return table(["Config", *splits], rows, numbers=range(1, len(splits) + 1))


def _count_table(
    header: str, counts: Mapping[str, int], share_of: str | None = None, longest: int | None = None
) -> Markdown:
    """Counts as a table; with ``share_of``, shares too, the most frequent first, what is rare in one row."""
    if share_of is None:
        return table([header, "Count"], [[name, _grouped(n)] for name, n in counts.items()], numbers=[1])
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown, tail = ordered[:longest], ordered[longest:] if longest else []
    if tail:
        shown = [*shown, (f"{len(tail)} others", sum(n for _, n in tail))]
    total = sum(counts.values()) or 1
    rows = [[name, _grouped(n), f"{100 * n / total:.1f}%"] for name, n in shown]
    return table([header, "Count", f"Share of {share_of}"], rows, numbers=[1, 2])


def _writer_table(writers: tuple[dict[str, str | None], ...]) -> Markdown:
    rows = []
    for writer in writers:
        kind = writer.get("kind") or ""
        rows.append([code(kind), _WRITERS.get(kind, ""), _details(writer, "kind")])
    return table(["Writer", "How it works", "Details"], rows)


def _judge(judge: str | Mapping[str, str | None] | None) -> Markdown | None:
    if judge is None or isinstance(judge, str):
        return code(judge) if judge else None
    name = "model" if judge.get("model") else "kind"
    details = _details(judge, name)
    return Markdown(f"{code(judge.get(name) or '')}{f' ({escape(details)})' if details else ''}")


def _details(made_by: Mapping[str, str | None], name: str) -> str:
    """What is known of a writer or a judge beside its name."""
    known = [(key, value) for key, value in made_by.items() if key != name and value]
    return "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in known)


def _example(row: Mapping[str, Any]) -> dict[str, Any]:
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


def _passage(passage: Mapping[str, Any]) -> Markdown:
    title = passage.get("title") or ""
    text = escape(shorten(passage.get("text") or "", SHOWN_CHARACTERS))
    return Markdown(f"**{escape(title)}** {text}" if title.strip() else text)


def _grouped(count: int) -> str:
    return f"{count:,}"
