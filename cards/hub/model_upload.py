"""Files of a trained model for an upload, with a card under the model's name on the Hub."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from dualview.cards.errors import CardError, HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.model_layout import select_model_files
from dualview.cards.hub.upload import Upload
from dualview.cards.model_card import RESULTS_FILE, load_facts, save_facts, write_model_card
from dualview.cards.model_facts import FACTS_FILE, ModelFacts
from dualview.cards.query_card import (
    QUERY_FACTS_FILE,
    QUERY_FOLDER,
    load_query_facts,
    query_name,
    save_query_facts,
    write_query_card,
)
from dualview.cards.readme import FILE_NAME, write_text

# Weights and results of an earlier model must not remain beside those of this one.
OWNED = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin", RESULTS_FILE.as_posix())


def model_upload(
    folder: Path, repo_id: str, facts: ModelFacts | None = None, include: Sequence[str] = ()
) -> Upload:
    """Collect the files of a model's folder for an upload.

    :param facts: for the card; without them, the facts in the folder are used, and without those the card
        is published as it is.
    :param include: patterns of further files.
    :raises HubError: if the folder holds no model with a card, or a file may not be published.
    """
    selection = select_model_files(folder, include)
    files = {file.path: file for file in selection.files}
    try:
        if facts is None and FACTS_FILE in files:
            facts = load_facts(folder)
        if facts is not None:
            files |= _card_files(folder, replace(facts, model_name=repo_id))
        elif QUERY_FACTS_FILE in files:
            files |= _query_card_files(folder, repo_id)
    except CardError as error:
        raise HubError(str(error)) from error
    if FILE_NAME not in files:
        raise HubError(f"{folder}: has no {FILE_NAME}; train with this project, or write one")
    return Upload(
        repo_id,
        "model",
        tuple(files.values()),
        OWNED,
        staying=selection.staying,
        never=tuple(path for path in selection.never if not RESULTS_FILE.is_relative_to(path)),
    )


def query_upload(folder: Path, repo_id: str) -> Upload | None:
    """Collect the query side of a trained model, for a repository of its own beside the model's.

    :param folder: of the model; its query side is in ``query/``.
    :param repo_id: of the model.
    :return: None if the model has no query side of its own.
    :raises HubError: as :func:`model_upload` does.
    """
    query = folder / QUERY_FOLDER
    if not (query / QUERY_FACTS_FILE).is_file():
        return None
    upload = model_upload(query, query_name(repo_id))
    try:
        files = {file.path: file for file in upload.files} | _query_card_files(query, upload.repo_id, repo_id)
    except CardError as error:
        raise HubError(str(error)) from error
    return replace(upload, files=tuple(files.values()))


def _query_card_files(folder: Path, repo_id: str, model_id: str = "") -> dict[str, LocalFile]:
    """Write the card of a query side under its name on the Hub.

    :param model_id: of the whole model; empty where it is not known to be on the Hub.
    """
    facts = replace(load_query_facts(folder), name=repo_id)
    if model_id:
        facts = replace(facts, model=replace(facts.model, model_name=model_id))

    def write(made: Path) -> None:
        save_query_facts(made, facts)
        write_query_card(made, facts)

    return _made_beside(folder, write, (FILE_NAME, QUERY_FACTS_FILE))


def _card_files(folder: Path, facts: ModelFacts) -> dict[str, LocalFile]:
    """Write the card under the name on the Hub, with the section by hand of the folder's card."""

    def write(made: Path) -> None:
        save_facts(made, facts)
        write_model_card(made, facts)

    return _made_beside(folder, write, (FILE_NAME, FACTS_FILE, RESULTS_FILE.as_posix()))


def _made_beside(folder: Path, write: Callable[[Path], None], names: Sequence[str]) -> dict[str, LocalFile]:
    """Files that are written for the upload alone: the folder stays as it is.

    :param write: writes them into a folder that has the card of ``folder``, for its section by hand.
    :param names: of the files; those that were not written are left out.
    """
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        if (folder / FILE_NAME).is_file():
            write_text(made / FILE_NAME, (folder / FILE_NAME).read_text(encoding="utf-8"))
        write(made)
        return {name: LocalFile(name, (made / name).read_bytes()) for name in names if (made / name).exists()}
