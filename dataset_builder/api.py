"""Builds a dataset from Python."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from dualview.cards.errors import InputError
from dualview.dataset_builder.build.build_arguments import DEFAULT_WRITERS, arguments_from, parser_of_used
from dualview.dataset_builder.build.build_request import BuildRequest
from dualview.dataset_builder.build.build_settings import BuildSettings, DatasetBuild
from dualview.dataset_builder.build.recorded_arguments import python_call
from dualview.dataset_builder.judges.judge_protocol import AnyJudge, JudgeSettings
from dualview.dataset_builder.source_objects import DataFrame, name_objects, source_code
from dualview.dataset_builder.sources.source_protocol import UNKNOWN_LICENSE
from dualview.dataset_builder.splits.plan import SplitShares
from dualview.dataset_builder.writers.open_writers import WRITER_NAMES
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, WriterSettings

__all__ = ["DatasetBuild", "build_dataset"]

_Part = TypeVar("_Part")
_WRITER_METHODS = (("kind",), ("accepts",), ("describe",), ("write", "write_async"))
_JUDGE_METHODS = (("name",), ("judge", "judge_async"))


def build_dataset(
    source: str | Path | DataFrame | Sequence[str | Path | DataFrame],
    *,
    out: str | Path,
    writers: Sequence[str | AnyWriter] = DEFAULT_WRITERS,
    judge: str | AnyJudge | None = None,
    license: str = UNKNOWN_LICENSE,
    overwrite: bool = False,
    seed: int = BuildSettings.seed,
    test_share: float = SplitShares.test,
    validation_share: float = SplitShares.validation,
    name: str | None = None,
    engine: str = "local",
    **options: object,
) -> DatasetBuild:
    """Build a dual-view dataset into a folder that ``datasets.load_dataset`` reads and the Hub takes.

    It gives the same bytes as the command ``dualview build`` with the same options, which the card of the
    dataset names.

    >>> data = build_dataset("seeds:sets", out="out/seeds", writers=["replay"])
    >>> data.counts["dual_view"]
    {'train': 2920, 'validation': 450, 'test': 1130}
    >>> data.yields["rejected"]
    0

    :param source: shipped text (``seeds``), a named source such as ``passages:FOLDER`` or ``beir:FOLDER``,
        the path of a JSONL file, or a data frame (pandas, Polars, PyArrow) or data set (``datasets``) of
        passages; or a list of them.
    :param out: folder of the dataset; it appears when it is complete.
    :param writers: ``replay``, ``facets``, ``contrasts``, ``endpoint``, or objects with the methods of
        :class:`~dualview.dataset_builder.writers.writer_protocol.PairWriter`. Each item goes to the first
        that takes it.
    :param judge: a CrossEncoder's folder or Hub id, ``llm``, or an object with the methods of
        :class:`~dualview.dataset_builder.judges.judge_protocol.PairJudge`; None to accept without a judge.
    :param license: of the passages, such as ``cc-by-4.0``, where a line or a table of the source gives none.
    :param overwrite: replace a dataset that this builder wrote.
    :param seed: draws splits and wordings.
    :param test_share: fraction of the queries in the test split.
    :param validation_share: fraction of the queries in the validation split.
    :param name: title of the dataset, for its card.
    :param engine: ``local``, or ``ray`` for a Ray cluster.
    :param options: other options of ``dualview build``, with underscores: ``facets="movies"``,
        ``base_url="http://localhost:8080/v1"``.
    :raises InputError: if an argument, a file or a server cannot be used, or no pair was accepted.
    """
    if options.get("dry_run"):
        raise InputError("dry_run=True: builds nothing; run 'dualview build --dry-run' instead")
    sources, objects = name_objects(source)
    parts = [writers] if isinstance(writers, str) else list(writers)
    if not sources or not parts:
        raise InputError(f"{'writers' if sources else 'source'}: is empty; name at least one")
    for part in parts:
        _check_part("writers", part, _WRITER_METHODS, WRITER_NAMES)
    if judge is not None:
        _check_part("judge", judge, _JUDGE_METHODS, None)
    args = arguments_from(
        {
            "source": sources,
            "out": out,
            "writer": [part for part in parts if isinstance(part, str)],
            "judge": judge if isinstance(judge, str) else None,
            "license": license,
            "overwrite": overwrite,
            "seed": seed,
            "test_share": test_share,
            "validation_share": validation_share,
            "name": name,
            "engine": engine,
            **options,
        }
    )
    request = BuildRequest.from_arguments(args)
    if objects:
        request = replace(request, objects=objects)
    if objects or not all(isinstance(part, str) for part in (*parts, judge or "")):
        request = _with_objects(request, args, parts, judge, sources)
    return request.run()


@dataclass(frozen=True)
class _Ready(Generic[_Part]):
    """Settings of a writer or judge that exists already."""

    part: _Part

    def make(self) -> _Part:
        return self.part


def _with_objects(
    request: BuildRequest,
    args: argparse.Namespace,
    parts: Sequence[str | AnyWriter],
    judge: str | AnyJudge | None,
    sources: Sequence[str | Path],
) -> BuildRequest:
    """The request with the objects of the calling program in their places."""
    if request.ray is not None and not all(isinstance(part, str) for part in (*parts, judge or "")):
        raise InputError("engine='ray': makes writers and judge on each machine; give them by name")
    names = dict.fromkeys(part for part in parts if isinstance(part, str))
    named = dict(zip(names, request.writers, strict=True))
    writers: list[WriterSettings] = []
    for part in parts:
        settings_of_part = named[part] if isinstance(part, str) else _Ready(part)
        if settings_of_part not in writers:
            writers.append(settings_of_part)
    code = {"writers": f"[{', '.join(map(_code, parts))}]"}
    if request.objects:
        code["source"] = f"[{', '.join(source_code(one, request.objects) for one in sources)}]"
    recorded: dict[str, Any] = {"writer": [part if isinstance(part, str) else part.kind for part in parts]}
    judging: JudgeSettings | None = request.judge
    if judge is not None and not isinstance(judge, str):
        judging = _Ready(judge)
        code["judge"] = _code(judge)
        recorded["judge"] = judge.name
    settings = replace(
        request.settings,
        command=python_call(args, parser_of_used(args), code),
        arguments={**request.settings.arguments, **recorded},
    )
    return replace(request, settings=settings, writers=tuple(writers), judge=judging)


def _code(part: object) -> str:
    return repr(part) if isinstance(part, str) else f"{type(part).__name__}(...)"


def _check_part(
    argument: str, part: object, methods: Sequence[tuple[str, ...]], names: Sequence[str] | None
) -> None:
    """Refuse what is neither a name nor an object with the methods of a writer or judge.

    :param methods: alternatives, of which each object must have one.
    :param names: the names that there are; None for any.
    """
    if isinstance(part, str):
        if names is not None and part not in names:
            raise InputError(f"{argument}: unknown writer '{part}'; known are {', '.join(names)}")
        return
    missing = [" or ".join(either) for either in methods if not any(hasattr(part, name) for name in either)]
    if missing or isinstance(part, type):
        kind = part if isinstance(part, type) else type(part)
        what = f"{'the class' if kind is part else 'an object of'} {kind.__name__}"
        raise InputError(
            f"{argument}: {what} cannot be used; give a name, or an object with "
            f"{', '.join(' or '.join(either) for either in methods)}"
        )
