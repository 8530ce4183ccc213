"""The text that the form for own text begins with, written for this page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Text of the form.

    :param wanted: numbers, from 1, of the passages that A and B should find.
    """

    query: str
    instructions: tuple[str, str]
    passages: str
    wanted: tuple[int, int]


_PASSAGES = (
    "From patent to pavement\nIn 1895 Ogden Bolton patented a wheel with a motor in its hub. Nothing came of "
    "it for a century, until Yamaha sold the first bicycle with an electric assistant in Japan in 1993.",
    "What you pay\nA decent one costs 2,000 euros, a cargo model 5,000. Add 400 for a new battery every five "
    "years and 90 a year for insurance; charging costs next to nothing.",
    "Which motor?\nA motor in the hub pushes evenly and needs little care. One between the pedals climbs "
    "better, as it uses the gears, but wears out chains.",
)
SAMPLE = Sample(
    "electric bicycle",
    ("its history, not its price", "its price, not its history"),
    "\n\n".join(_PASSAGES),
    (1, 2),
)
