"""Facts of a build for its dataset card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dualview.cards.dataset_facts import ConfigFacts, DatasetFacts
from dualview.dataset_builder.build.statistics import Statistics
from dualview.dataset_builder.judges.judge_protocol import AnyJudge
from dualview.dataset_builder.output.shards import WrittenShards
from dualview.dataset_builder.schema import CONFIGS, SPLITS
from dualview.dataset_builder.sources.source_protocol import SourceFacts
from dualview.dataset_builder.writers.open_writers import WRITER_NAMES
from dualview.dataset_builder.writers.rounds import VIEWS_SUFFIX
from dualview.dataset_builder.writers.writer_protocol import AnyWriter

_DEFAULT = next(iter(CONFIGS))


def card_facts(
    *,
    name: str | None,
    command: str,
    sources: Sequence[SourceFacts],
    writers: Sequence[AnyWriter],
    judge: AnyJudge | None,
    statistics: Statistics,
    written: WrittenShards,
    examples: Sequence[Mapping[str, Any]],
) -> DatasetFacts:
    """The facts of the card.

    :param written: rows and files of each config and split.
    :param examples: rows of ``dual_view``.
    """
    rows = written.rows
    described = list(_describe_sources(sources, statistics))
    return DatasetFacts(
        pretty_name=name or f"Dual-view instructions: {', '.join(facts.name for facts in sources)}",
        languages=tuple(dict.fromkeys(code for facts in sources for code in facts.languages)),
        licenses=tuple(dict.fromkeys(source["license"] for source in described)),
        sources=tuple(described),
        configs=tuple(
            ConfigFacts(
                name=config,
                splits=dict(rows[config]),
                data_files=written.patterns[config],
                features=features,
                default=config == _DEFAULT,
            )
            for config, features in CONFIGS.items()
            if config in rows
        ),
        yields=statistics.yields(),
        rejected_by_reason=statistics.rejected_by_reason(),
        levers=dict(statistics.levers),
        styles=dict(statistics.styles),
        writers=tuple(_describe_writer(writer) for writer in writers if _wrote(writer, statistics)),
        judge=None if judge is None else _describe_judge(judge),
        example_rows=tuple(dict(row) for row in examples),
        build_command=command,
        limits=tuple(_limits(sources, statistics, rows, judge)),
        kinds=statistics.instructions.by_kind(),
        lengths=statistics.instructions.by_length(),
        written_sets=statistics.written_sets.facts(),
    )


def _describe_sources(sources: Sequence[SourceFacts], statistics: Statistics) -> Iterator[dict[str, str]]:
    """A row for each source and licence that items came under, in the order of the sources."""
    origins = {facts.name: facts.origin for facts in sources}
    order = {name: place for place, name in enumerate(origins)}
    for name, license_name in sorted(
        statistics.licenses,
        key=lambda entry: (order.get(entry[0].removesuffix(VIEWS_SUFFIX), len(order)), entry),
    ):
        origin = origins.get(name) or _origin_of_views(name, origins)
        yield {"name": name, "license": license_name, "origin": origin}


def _origin_of_views(name: str, origins: Mapping[str, str]) -> str:
    """The origin of rows under a name that is no source's own."""
    if name.endswith(VIEWS_SUFFIX) and name.removesuffix(VIEWS_SUFFIX) in origins:
        base = name.removesuffix(VIEWS_SUFFIX)
        return f"The text of {base}, with further instructions that were written by hand, each for one text."
    return "Named so by the lines of a file that the builder was given."


def _wrote(writer: AnyWriter, statistics: Statistics) -> bool:
    """Tell whether a writer has a pair; one of the calling program may sign with another kind."""
    return writer.kind not in WRITER_NAMES or statistics.writers[writer.kind] > 0


def _describe_writer(writer: AnyWriter) -> dict[str, str | None]:
    described = writer.describe().as_dict()
    known = {name: None if value is None else str(value) for name, value in described.items()}
    return known | _describe_prompts(writer)


def _describe_prompts(made_by: AnyWriter | AnyJudge) -> dict[str, str | None]:
    """The hashes of the prompts that a model was asked with; nothing where none was."""
    recipe = getattr(made_by, "recipe", None)
    prompts = recipe().get("prompts") if recipe else None
    if not prompts:
        return {}
    named = [f"{task} {digest}" for task, digest in prompts.items()] if isinstance(prompts, dict) else prompts
    return {"prompts": ", ".join(named)}


def _describe_judge(judge: AnyJudge) -> dict[str, str | None]:
    recipe = getattr(judge, "recipe", None)
    own = {"role": "the writer's own model"} if recipe and recipe().get("is_the_writer") else {}
    return {"model": judge.name, **own, **_describe_prompts(judge)}


def _limits(
    sources: Sequence[SourceFacts],
    statistics: Statistics,
    rows: Mapping[str, Mapping[str, int]],
    judge: AnyJudge | None,
) -> Iterator[str]:
    languages = {code for facts in sources for code in facts.languages}
    if len(languages) == 1:
        yield f"One language only: {languages.pop()}."
    yield (
        "A passage that is in none of the columns of a row is not judged for its instructions: it may meet "
        "one, both or neither."
    )
    yield (
        "The rules look at the wording of an instruction (length, sentences, language, copied words, talk of "
        "the task, rewording), not at whether the labels hold."
    )
    if unchecked := statistics.unchecked(None if judge is None else judge.name):
        yield (
            f"A language model wrote the instructions of {unchecked:,} rows, and no judge has checked if "
            "the labels swap there: some of them do not."
        )
    if statistics.written_sets.facts() or any(name.endswith(VIEWS_SUFFIX) for name, _ in statistics.licenses):
        yield (
            "Instructions that were written by hand for one text each were checked by one rule alone: the "
            "reversal does not say what the original says."
        )
    if any(license_name == "unknown" for _, license_name in statistics.licenses):
        yield "The licence of some passages is unknown; ask before you publish them."
    if "rejected" not in rows:
        yield "Nothing was rejected, so there is no config of that name: one without rows cannot be loaded."
    for split in SPLITS:
        if split not in rows[_DEFAULT]:
            yield f"There is no {split} split: its share of the queries gave no row."
