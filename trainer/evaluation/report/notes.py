"""What a reader of figures must know: what they say, and what an interval can say."""

from __future__ import annotations

from dualview.trainer.evaluation.comparison.significance import RESAMPLES

#: Name of a figure, the metrics that it stands for, and what it says.
HOW_TO_READ = (
    (
        "All views of a set right",
        ("flip_accuracy",),
        "the same query under several instructions, each of which wants another passage; a set counts only "
        "if every instruction puts its own passage above those of the others. Whoever ignores instructions "
        "has 0.",
    ),
    ("Single views right", ("view_accuracy",), "each of these instructions alone."),
    (
        "p-MRR",
        ("p_mrr",),
        "from -100 to 100: how far the passages that the changed instruction rules out fall. Its mirror is "
        "the same for the passages that it asks for, and no p-MRR.",
    ),
    (
        "Margin",
        ("margin",),
        "how much more similar the wanted passage is than the best of its rivals.",
    ),
    (
        "nDCG@10 of the instructed queries",
        ("instructed_ndcg_at_10",),
        "the one passage that an instruction wants, looked for in all passages of the split: topic and "
        "instruction at once. Passages of the same query that are in none of the set's views are left out.",
    ),
    (
        "nDCG@10 of the bare queries",
        ("bare_query_ndcg_at_10",),
        "without any instruction, over all passages of the split. That it does not fall says that plain "
        "search still works.",
    ),
    (
        "FollowIR Score",
        ("followir_score",),
        "mean of MAP@1000 (Robust04, Core17) and nDCG@5 (News21) under the original instructions. Those of "
        "mteb 1.x, which swapped the judgements, cannot be compared with it.",
    ),
    (
        "InfoSearch p-MRR",
        ("infosearch_p_mrr",),
        "from the bare query to the instructed one, so that it is not FollowIR's p-MRR.",
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


def interval_note(figures: int) -> str:
    """Say how intervals were made, and what many of them mean."""
    note = (
        "All figures x100 but margins; in brackets the 95% interval of a paired bootstrap over queries "
        f"({RESAMPLES:,} resamples). Where the interval of a difference holds zero, it is reported as no "
        "difference."
    )
    if figures > 1:
        note += (
            f" {figures} differences are shown: if none of them were real, about {0.05 * figures:.1f} "
            "would still leave out zero by chance. Choose the figure that decides before looking."
        )
    return note
