"""What of a trained model's folder is published, and under which name its card goes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from dualview.cards.errors import CardError, HubError
from dualview.cards.hub.changes import LocalFile, files_in
from dualview.cards.hub.upload import Upload
from dualview.cards.model_card import RESULTS_FILE, load_facts, save_facts, write_model_card
from dualview.cards.model_facts import FACTS_FILE, ModelFacts
from dualview.cards.readme import FILE_NAME, write_text

# What training needs to go on, and nobody who uses the model.
NOT_PUBLISHED = (
    "checkpoint-*", "optimizer*", "scheduler*", "scaler*", "rng_state*", "trainer_state.json",
    "training_args.bin", "*.tmp", "*.lock", "*.log",
)  # fmt: skip
# Weights of an earlier model must not lie beside those of this one, nor results that it did not reach.
OWNED = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin", RESULTS_FILE.as_posix())


def model_upload(folder: Path, repo_id: str, facts: ModelFacts | None = None) -> Upload:
    """What is to be published of a model's folder.

    :param facts: what its card is written from; None takes the file in the folder, and the card as it is
        where there is no such file.
    :raises HubError: if the folder holds no model with a card.
    """
    files = {file.path: file for file in files_in(folder, NOT_PUBLISHED)}
    if not {"modules.json", "config.json"} & files.keys():
        raise HubError(f"{folder}: holds no model (neither modules.json nor config.json); train one first")
    try:
        if facts is None and FACTS_FILE in files:
            facts = load_facts(folder)
        if facts is not None:
            files |= _card_files(folder, replace(facts, model_name=repo_id))
    except CardError as error:
        raise HubError(str(error)) from error
    if FILE_NAME not in files:
        raise HubError(f"{folder}: has no {FILE_NAME}; train with this project, or write one")
    return Upload(repo_id, "model", tuple(files.values()), OWNED)


def _card_files(folder: Path, facts: ModelFacts) -> dict[str, LocalFile]:
    """The card under the name that the model gets, with what a person wrote into the folder's card."""
    with tempfile.TemporaryDirectory() as made:
        written = Path(made)
        if (folder / FILE_NAME).is_file():
            write_text(written / FILE_NAME, (folder / FILE_NAME).read_text(encoding="utf-8"))
        save_facts(written, facts)
        write_model_card(written, facts)
        names = [FILE_NAME, FACTS_FILE, RESULTS_FILE.as_posix()]
        return {
            name: LocalFile(name, (written / name).read_bytes())
            for name in names
            if (written / name).exists()
        }
