"""Card of an exported query encoder, written from the facts of the model that it is a side of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from dualview.cards.errors import CardError
from dualview.cards.metadata.licenses import hub_license
from dualview.cards.metadata.model_metadata import TAGS
from dualview.cards.metadata.names import is_hub_id, without_local_path
from dualview.cards.model_facts import ModelFacts, facts_from, without_local_paths
from dualview.cards.readme import FILE_NAME, kept_by_hand, render, write_text
from dualview.cards.sections.model_sections import model_link
from dualview.cards.text import Markdown, one_line, python_string, table

QUERY_FACTS_FILE = "dualview_query_facts.json"
#: Folder of the query side in a trained model's folder.
QUERY_FOLDER = "query"
_SHOWN = {"flip_accuracy": "Flip accuracy", "instructed_ndcg_at_10": "nDCG@10 under instructions"}


@dataclass(frozen=True)
class OnnxLoss:
    """A figure of an ONNX file beside that of the model, on a split of a dataset; fractions.

    :param dataset: the dataset's name.
    """

    dataset: str
    split: str
    metric: str
    before: float
    now: float


@dataclass(frozen=True)
class OnnxFile:
    """What was measured of an ONNX file.

    :param path: in the export's folder.
    :param megabytes: its size.
    :param lowest_cosine: lowest cosine of its vectors to those of the model's ``encode_query``.
    """

    path: str
    megabytes: float
    lowest_cosine: float
    losses: tuple[OnnxLoss, ...] = ()

    def __str__(self) -> str:
        shown = [f"{self.megabytes:.0f} MB", f"lowest cosine {self.lowest_cosine:.4f}"]
        shown += [
            f"{_SHOWN.get(loss.metric, loss.metric)} {100 * loss.before:.1f} -> {100 * loss.now:.1f} "
            f"({loss.dataset}, {loss.split})"
            for loss in self.losses
        ]
        return ", ".join(shown)


@dataclass(frozen=True)
class QueryFacts:
    """Content of the card of a query encoder.

    :param model: facts of the model whose query side it is.
    :param files: the ONNX files, if there are any.
    :param name: a Hub id or a name for the title; empty for that of the model with ``-query``.
    """

    model: ModelFacts
    files: tuple[OnnxFile, ...] = ()
    name: str = ""

    @property
    def title(self) -> str:
        """The name that the card shows."""
        return self.name or query_name(without_local_path(self.model.model_name))


def query_name(name: str) -> str:
    """Return the name of the repository for the query side of a model."""
    return f"{name}-query"


def save_query_facts(folder: Path, facts: QueryFacts) -> Path:
    """Write the facts beside the exported encoder, without paths of this machine, and return the file's path.

    :raises CardError: if the file cannot be written.
    """
    content = asdict(replace(facts, model=without_local_paths(facts.model)))
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str)
    return write_text(folder / QUERY_FACTS_FILE, text + "\n")


def load_query_facts(folder: Path) -> QueryFacts:
    """Read the file that :func:`save_query_facts` wrote.

    :raises CardError: if the file is missing or is not what was written.
    """
    path = folder / QUERY_FACTS_FILE
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(
            OnnxFile(**{**file, "losses": tuple(OnnxLoss(**loss) for loss in file["losses"])})
            for file in stored["files"]
        )
        return QueryFacts(facts_from(path, stored["model"]), files, str(stored["name"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CardError(f"{path}: cannot be read ({error}); export the model again") from error


def write_query_card(folder: Path, facts: QueryFacts) -> Path:
    """Write ``README.md`` into the folder of an exported query encoder; return its path.

    :raises CardError: if the file cannot be written, or a section by hand is not closed.
    """
    path = folder / FILE_NAME
    by_hand = kept_by_hand(path)
    model = without_local_paths(facts.model)
    source = facts.title if is_hub_id(facts.title) else "."
    passages_by = model.base_model if model.keeps_passages else model.model_name
    text = render(
        "query_card.md.jinja",
        metadata=Markdown(_metadata(facts.title, model).to_yaml()),
        title=facts.title,
        facts=model,
        model=model_link(model.model_name),
        passages_by=model_link(passages_by),
        source=Markdown(python_string(source)),
        passage_source=Markdown(python_string(passages_by)),
        template=Markdown(python_string(model.instruction_template)),
        query=Markdown(python_string(model.example.query)),
        instruction=Markdown(python_string(model.example.instruction)),
        passages=[Markdown(python_string(passage)) for passage in model.example.passages],
        files=_file_table(facts.files),
        by_hand=by_hand,
    )
    # The library's own class parses the text: a card that it cannot read is not written.
    return write_text(path, str(ModelCard(text)))


def write_plain_query_card(folder: Path) -> Path:
    """Write ``README.md`` for the query side of a model without facts; return its path.

    Releases of sentence-transformers before 5 ask the Hub for the card of a folder that has none.

    :raises CardError: if the file cannot be written.
    """
    return write_text(
        folder / FILE_NAME,
        "---\nlibrary_name: sentence-transformers\n---\n\n# Query encoder\n\nThis encodes queries. Encode "
        "passages with the model that it was trained from.\n",
    )


def _metadata(title: str, facts: ModelFacts) -> ModelCardData:
    license_ = hub_license(facts.license)
    parent = facts.model_name if is_hub_id(facts.model_name) and facts.model_name != title else None
    return ModelCardData(
        language=list(facts.languages),
        license=license_,
        license_name=one_line(facts.license) if license_ == "other" else None,
        library_name="sentence-transformers",
        pipeline_tag="sentence-similarity",
        tags=list(TAGS),
        base_model=parent or (facts.base_model if is_hub_id(facts.base_model) else None),
    )


def _file_table(files: tuple[OnnxFile, ...]) -> Markdown:
    if not files:
        return Markdown("")
    kinds = list(
        dict.fromkeys((loss.dataset, loss.split, loss.metric) for file in files for loss in file.losses)
    )
    headers = ["File", "MB", "Lowest cosine"]
    headers += [f"{_SHOWN.get(metric, metric)}, {data}, {split}" for data, split, metric in kinds]
    rows = [
        [file.path, f"{file.megabytes:.0f}", f"{file.lowest_cosine:.4f}"]
        + [f"{100 * loss.now:.1f} ({100 * (loss.now - loss.before):+.1f})" for loss in file.losses]
        for file in files
    ]
    return table(headers, rows, numbers=range(1, len(headers)))
