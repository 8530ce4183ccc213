"""Card of a trained retriever, written from the facts of its training and the measured results."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import ModelCard

from dualview.cards.metadata.model_metadata import model_card_data, results_yaml
from dualview.cards.metadata.names import is_hub_id
from dualview.cards.model_facts import (
    Example,
    ModelFacts,
    Result,
    load_facts,
    save_facts,
    without_local_paths,
)
from dualview.cards.query_card import QUERY_FOLDER, query_name
from dualview.cards.readme import FILE_NAME, kept_by_hand, render, write_text
from dualview.cards.sections.model_sections import (
    dataset_link,
    duration,
    mixture_table,
    model_link,
    result_table,
    value_table,
)
from dualview.cards.text import Markdown, code, python_string

__all__ = ["Example", "ModelFacts", "Result", "load_facts", "save_facts", "write_model_card"]

RESULTS_FILE = Path(".eval_results", "dualview.yaml")
_METHOD = "2604.18845"


def write_model_card(folder: Path, facts: ModelFacts) -> Path:
    """Write ``README.md`` and ``.eval_results/dualview.yaml`` into a model's folder; return the card's path.

    Text between ``<!-- by hand -->`` and ``<!-- /by hand -->`` in an existing card is kept. Without results,
    the results file is deleted.

    :param folder: the folder that the model was saved to.
    :raises CardError: if a file cannot be written, or such a section is not closed.
    """
    path = folder / FILE_NAME
    by_hand = kept_by_hand(path)
    # The library's own class parses the rendered text: a card that it cannot read is not written.
    card = ModelCard(render_model_card(facts, by_hand))
    results = folder / RESULTS_FILE
    if facts.results:
        write_text(results, results_yaml(without_local_paths(facts).results))
    else:
        results.unlink(missing_ok=True)
    return write_text(path, str(card))


def render_model_card(facts: ModelFacts, by_hand: Markdown) -> str:
    """Return the text of the card with its metadata.

    Absolute paths of this machine are replaced by their last component.

    :param by_hand: the section written by hand, with its marks.
    """
    facts = without_local_paths(facts)
    return render(
        "model_card.md.jinja",
        metadata=Markdown(model_card_data(facts).to_yaml()),
        facts=facts,
        base_model=model_link(facts.base_model),
        dataset=dataset_link(facts.dataset_name),
        model_source=Markdown(python_string(facts.model_name if is_hub_id(facts.model_name) else ".")),
        template=Markdown(python_string(facts.instruction_template)),
        query=Markdown(python_string(facts.example.query)),
        instruction=Markdown(python_string(facts.example.instruction)),
        reversed_instruction=Markdown(python_string(facts.example.reversed_instruction)),
        passages=[Markdown(python_string(passage)) for passage in facts.example.passages],
        results=result_table(facts.results),
        mixture=mixture_table(facts.mixture),
        loss=value_table("Loss", facts.loss),
        hyperparameters=value_table("Hyperparameter", facts.hyperparameters),
        versions=", ".join(f"{name} {version}" for name, version in facts.versions.items()),
        duration=duration(facts.train_seconds),
        query_side=_query_side(facts.model_name),
        cites_method=_METHOD in facts.loss_citation,
        by_hand=by_hand,
    )


def _query_side(name: str) -> Markdown:
    """Say where the query side of a model with two encoders is."""
    if not is_hub_id(name):
        return Markdown(f"the folder {code(QUERY_FOLDER)} of this model")
    return Markdown(f"the repository {model_link(query_name(name))}")
