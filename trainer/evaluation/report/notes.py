"""Explanations for readers of figures: the meaning of each, and of an interval."""

from __future__ import annotations

from dualview.trainer.evaluation.comparison.significance import RESAMPLES
from dualview.trainer.evaluation.metrics import MRR_CUT

#: Name of a figure, the metrics that it covers, and its meaning.
HOW_TO_READ = (
    (
        "Right first",
        ("right_first", "right_first_exclusions", "right_first_rest"),
        "the share of instructions whose passage is ranked first among all passages of the source in this "
        "split, so that topic and instruction both count. Passages of the same query that the instruction "
        "may leave relevant, since it only excludes others, are taken out of the ranking. Exclusions are "
        "instructions that only say what is not wanted.",
    ),
    (
        "Violating first",
        ("violating_first",),
        "the share of instructions under which a passage is first that they rule out; lower is better. Where "
        "neither the right nor a violating passage is first, one of another query or a hard negative is.",
    ),
    (
        "MRR",
        ("mrr",),
        "the mean of 1 / rank of the instruction's passage in the same ranking, 0 beyond the first "
        f"{MRR_CUT}.",
    ),
    (
        "Right within the set",
        ("view_accuracy",),
        "the share of instructions that rank their passage above those of the other instructions of the set. "
        "It does not say whether the set's passages are found.",
    ),
    (
        "All right within the set",
        ("flip_accuracy",),
        "the share of sets in which every instruction does so. A model that ignores instructions scores 0.",
    ),
    (
        "p-MRR",
        ("p_mrr",),
        "from -100 to 100: how far the passages fall that the changed instruction rules out. Its mirror is "
        "the same for the passages that it asks for; it is not p-MRR.",
    ),
    (
        "Margin",
        ("margin",),
        "how much more similar the wanted passage is than the best of its rivals.",
    ),
    (
        "nDCG@10 of the instructed queries",
        ("instructed_ndcg_at_10",),
        "the one passage that an instruction wants, searched among all passages of the split, so that topic "
        "and instruction both count. Passages of the same query that are in none of the set's views are left "
        "out.",
    ),
    (
        "nDCG@10 of the bare queries",
        ("bare_query_ndcg_at_10",),
        "without any instruction, over all passages of the split. If it does not fall, plain search works as "
        "before.",
    ),
    (
        "FollowIR Score",
        ("followir_score",),
        "mean of MAP@1000 (Robust04, Core17) and nDCG@5 (News21) under the original instructions. Scores of "
        "mteb 1.x, which swapped the judgements, cannot be compared with it.",
    ),
    (
        "InfoSearch p-MRR",
        ("infosearch_p_mrr",),
        "from the bare query to the instructed one; FollowIR's p-MRR compares two instructions.",
    ),
    (
        "Robustness@10",
        ("robustness_at_10",),
        "the lowest nDCG@10 over a query's instructions, averaged over queries.",
    ),
    (
        "Right rank",
        ("right_rank",),
        "the wanted passage is above the excluded one in the top 10, or alone there.",
    ),
)


def interval_note(figures: int, paired: bool = True) -> str:
    """Explain the intervals.

    :param figures: how many are shown.
    :param paired: whether differences to a baseline are shown.
    """
    note = (
        "All figures x100 but margins; in brackets the 95% interval of a "
        f"{'paired ' if paired else ''}bootstrap over queries ({RESAMPLES:,} resamples)."
    )
    if not paired:
        return note
    note += " Where the interval of a difference includes zero, it is reported as no difference."
    if figures > 1:
        note += (
            f" {figures} differences are shown: if none of them were real, about {0.05 * figures:.1f} would "
            "still leave out zero by chance. Choose the figure that decides before you look."
        )
    return note
