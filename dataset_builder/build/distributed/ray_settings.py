"""Settings of a build over a Ray cluster."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class RaySettings:
    """Settings of a build over a Ray cluster.

    :param address: of a running cluster, such as ``auto``; None to start one on this machine.
    :param workers: actors that hold writers and a judge; None for one a CPU.
    :param gpus: GPUs of each actor.
    """

    address: str | None = None
    workers: int | None = None
    gpus: float = 0.0

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> RaySettings | None:
        """The settings that the flags give; None for a build in this process."""
        return cls(args.ray_address, args.ray_workers, args.ray_gpus) if args.engine == "ray" else None
