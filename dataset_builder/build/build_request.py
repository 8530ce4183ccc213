"""A build as data: what a command line or a call from Python asks for, ready to be run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder import judges
from dualview.dataset_builder.build.build_arguments import DEFAULT_WRITERS, check_texts, parser_of_used
from dualview.dataset_builder.build.build_settings import BuildSettings, DatasetBuild
from dualview.dataset_builder.build.distributed.ray_settings import RaySettings
from dualview.dataset_builder.build.engines import make_engine
from dualview.dataset_builder.build.pipeline import run_build
from dualview.dataset_builder.build.recorded_arguments import command_line, recorded_arguments
from dualview.dataset_builder.event_loop import call_outside_loop
from dualview.dataset_builder.judges.judge_protocol import JudgeSettings
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.sources.source_protocol import Source
from dualview.dataset_builder.splits.plan import SplitShares
from dualview.dataset_builder.writers.endpoint import EndpointSettings
from dualview.dataset_builder.writers.open_writers import read_writers
from dualview.dataset_builder.writers.writer_protocol import WriterSettings


@dataclass(frozen=True)
class BuildRequest:
    """All settings of a build.

    :param sources: names and paths, as for ``--source``.
    :param ray: settings of a cluster; None for a build in this process.
    :param objects: data frames that stand for some of the sources, by name.
    """

    settings: BuildSettings
    sources: tuple[str, ...]
    source_settings: SourceSettings
    writers: tuple[WriterSettings, ...]
    judge: JudgeSettings | None = None
    ray: RaySettings | None = None
    objects: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> BuildRequest:
        """The settings that the flags give.

        :raises InputError: if they contradict each other.
        """
        kinds = list(DEFAULT_WRITERS) if args.writer is None else args.writer
        args = judges.with_calibration(argparse.Namespace(**{**vars(args), "writer": kinds}))
        if args.judge == judges.OWN_MODEL and "endpoint" not in kinds:
            raise InputError(
                f"--judge {judges.OWN_MODEL} is the model of the writer endpoint: add --writer endpoint, or "
                f"take --judge {judges.LANGUAGE_MODEL}"
            )
        parser = parser_of_used(args)
        check_texts(parser, args)
        return cls(
            settings=BuildSettings(
                out=args.out,
                overwrite=args.overwrite,
                seed=args.seed,
                shares=SplitShares(args.test_share, args.validation_share),
                name=args.name,
                compositions=args.compositions,
                command=command_line(["dualview", "build"], parser, args, "dataset"),
                arguments=recorded_arguments(parser, args),
            ),
            sources=tuple(args.source),
            source_settings=SourceSettings.from_arguments(args),
            writers=read_writers(args.writer, args),
            judge=judges.read_judge(args),
            ray=RaySettings.from_arguments(args),
        )

    def open_sources(self) -> Sequence[Source]:
        """Open the sources.

        :raises InputError: if one cannot be used.
        """
        return open_sources(self.sources, self.source_settings, self.objects)

    def run(self) -> DatasetBuild:
        """Build the dataset, also from a notebook.

        :raises InputError: if a part of the build cannot be used, or nothing was accepted.
        """
        return call_outside_loop(self._run)

    def _run(self) -> DatasetBuild:
        if self.judge is None and any(isinstance(writer, EndpointSettings) for writer in self.writers):
            write_line(
                "No judge checks what the language model writes: some labels will not swap. --judge "
                f"{judges.OWN_MODEL} has the same model check them."
            )
        return run_build(
            self.settings,
            self.open_sources(),
            [writer.make() for writer in self.writers],
            None if self.judge is None else self.judge.make(),
            make_engine(self.ray, self.writers, self.judge),
        )
