"""The builder's data: items of a source, view pairs, and the columns of the published configs."""

from __future__ import annotations

from dualview.dataset_builder.schema.evidence import Evidence, Mention
from dualview.dataset_builder.schema.features import (
    CONFIGS,
    DUAL_VIEW,
    PASSAGE_FEATURE,
    PLAIN,
    PRACTICAL,
    REJECTED,
    SPLITS,
    TRIPLETS,
)
from dualview.dataset_builder.schema.items import (
    AttributedTopic,
    CandidateSet,
    Item,
    RecordedReversal,
    SourceItem,
)
from dualview.dataset_builder.schema.pairs import Outcome, Rejection, ViewPair, Writer
from dualview.dataset_builder.schema.passages import Passage
from dualview.dataset_builder.schema.queries import AnswerSet, PlainQuery
from dualview.dataset_builder.schema.views import KINDS, Views, ViewSet, WrittenView

__all__ = [
    "CONFIGS",
    "DUAL_VIEW",
    "KINDS",
    "PASSAGE_FEATURE",
    "PLAIN",
    "PRACTICAL",
    "REJECTED",
    "SPLITS",
    "TRIPLETS",
    "AnswerSet",
    "AttributedTopic",
    "CandidateSet",
    "Evidence",
    "Item",
    "Mention",
    "Outcome",
    "Passage",
    "PlainQuery",
    "RecordedReversal",
    "Rejection",
    "SourceItem",
    "ViewPair",
    "ViewSet",
    "Views",
    "Writer",
    "WrittenView",
]
