"""Figures as pure functions on runs and judgements: fractions, one value a query.

A run maps query id -> document id -> score, judgements map query id -> document id -> label.
:mod:`dualview.trainer.evaluation.metrics.ranks` explains how ties, absent documents and absent queries are
treated.
"""

from dualview.trainer.evaluation.metrics.exclusion import Exclusion, exclusion_by_query
from dualview.trainer.evaluation.metrics.first import MRR_CUT, CorpusPlace, place_in_corpus
from dualview.trainer.evaluation.metrics.followir import SCORE_MEASURES, changed_documents, followir_score
from dualview.trainer.evaluation.metrics.infosearch import (
    ThreeRuns,
    infosearch_p_mrr_by_query,
    sicr_by_query,
    wise_by_query,
)
from dualview.trainer.evaluation.metrics.paired import PairedSet, paired_accuracy_by_set, view_is_right
from dualview.trainer.evaluation.metrics.ranks import (
    ArrayScores,
    InvalidScoreError,
    MetricError,
    MissingQueryError,
    Qrels,
    Run,
    Scores,
    mean_over_queries,
    p_mrr,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    rank_change,
    ranking,
    ranks_of,
    scores_of,
)
from dualview.trainer.evaluation.metrics.retrieval import (
    TREC_MEASURES,
    first_reciprocal_rank,
    mrr_by_query,
    ndcg,
    ndcg_by_query,
    trec_by_query,
)
from dualview.trainer.evaluation.metrics.robustness import robustness_by_query

__all__ = [
    "MRR_CUT",
    "SCORE_MEASURES",
    "TREC_MEASURES",
    "ArrayScores",
    "CorpusPlace",
    "Exclusion",
    "InvalidScoreError",
    "MetricError",
    "MissingQueryError",
    "PairedSet",
    "Qrels",
    "Run",
    "Scores",
    "ThreeRuns",
    "changed_documents",
    "exclusion_by_query",
    "first_reciprocal_rank",
    "followir_score",
    "infosearch_p_mrr_by_query",
    "mean_over_queries",
    "mrr_by_query",
    "ndcg",
    "ndcg_by_query",
    "p_mrr",
    "p_mrr_by_query",
    "p_mrr_gained_by_query",
    "paired_accuracy_by_set",
    "place_in_corpus",
    "rank_change",
    "ranking",
    "ranks_of",
    "robustness_by_query",
    "scores_of",
    "sicr_by_query",
    "trec_by_query",
    "view_is_right",
    "wise_by_query",
]
