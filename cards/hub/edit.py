"""Edits published cards without the folder that they were published from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from huggingface_hub import RepoCard

from dualview.cards.errors import CardError, HubError
from dualview.cards.hub.changes import Change, LocalFile, compare
from dualview.cards.hub.contents import check_contents
from dualview.cards.hub.publish import commit_until_equal
from dualview.cards.hub.repo import HubRepo, RepoState
from dualview.cards.hub.upload import Published
from dualview.cards.model_card import RESULTS_FILE, write_model_card
from dualview.cards.model_facts import FACTS_FILE, ModelFacts, Result, load_facts, save_facts
from dualview.cards.readme import FILE_NAME, read_card, section_by_hand

# A dataset cannot be loaded without these.
_NEEDED = ("configs", "dataset_info")


def edit_published_card(repo: HubRepo, change: Callable[[RepoCard], None], message: str) -> Published:
    """Change the metadata or the text of a published card in a commit of its own.

    :param change: changes the card's ``data`` or ``text`` in place.
    :raises HubError: if there is no card, or the change removes a part that must stay.
    """

    def edited(state: RepoState) -> Change:
        card = edit_card(_text(repo, FILE_NAME, state), repo.kind, change, f"{FILE_NAME} of {repo.page}")
        return compare([LocalFile(FILE_NAME, card.encode("utf-8"))], state.files)

    return _committed(repo, edited, message)


def edit_card(card: str, kind: str, change: Callable[[RepoCard], None], where: str) -> str:
    """Return a changed card that has all parts which the Hub and its readers need.

    :param where: the card's name in an error.
    :raises HubError: if the card cannot be read, or the change removes a part that must stay.
    """
    old, new = read_card(card, kind, where), read_card(card, kind, where)
    change(new)
    text = new.content if new.data.to_dict() != old.data.to_dict() or new.text != old.text else card
    for name in _NEEDED:
        if old.data.get(name) is not None and new.data.get(name) is None:
            raise HubError(f"{where}: the change removes {name!r}, which loading the dataset needs; keep it")
    try:
        if section_by_hand(card, where) != section_by_hand(text, where):
            raise HubError(f"{where}: the change removes the section written by hand; keep it")
    except CardError as error:
        raise HubError(str(error)) from error
    return text


def add_results(repo: HubRepo, results: Sequence[Result], eval_command: str | None) -> Published:
    """Add results to a published model, in its card, its metadata and ``.eval_results``, in one commit.

    A result of the same dataset, split, subset and metric is replaced.

    :param eval_command: the command that measured them.
    :raises HubError: if the model was not published by this project.
    """

    def edited(state: RepoState) -> Change:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            for name in (FILE_NAME, FACTS_FILE):
                (folder / name).write_text(_text(repo, name, state), encoding="utf-8")
            try:
                facts = _with_results(load_facts(folder), results, eval_command)
                save_facts(folder, facts)
                write_model_card(folder, facts)
            except CardError as error:
                raise HubError(f"{repo.kind} {repo.id}: {error}") from error
            names = (FILE_NAME, FACTS_FILE, RESULTS_FILE.as_posix())
            return compare([LocalFile(n, (folder / n).read_bytes()) for n in names], state.files)

    return _committed(repo, edited, "Add evaluation results")


def _with_results(facts: ModelFacts, results: Sequence[Result], eval_command: str | None) -> ModelFacts:
    def measured(result: Result) -> tuple[str, ...]:
        return (result.dataset, result.split, result.subset, result.metric)

    new = {measured(result): result for result in (*facts.results, *results)}
    return replace(facts, results=tuple(new.values()), eval_command=eval_command or facts.eval_command)


def _committed(repo: HubRepo, change_from: Callable[[RepoState], Change], message: str) -> Published:
    repo.check_id()
    repo.check_token()
    if repo.look() is None:
        raise HubError(f"{repo.kind} {repo.id}: not found with your token; publish it first")

    def checked(state: RepoState) -> Change:
        change = change_from(state)
        check_contents((*change.added, *change.replaced))
        return change

    commit, changed = commit_until_equal(repo, checked, message)
    return Published(repo.page, commit, changed)


def _text(repo: HubRepo, path: str, state: RepoState) -> str:
    content = repo.read(path, state.head)
    if content is None:
        raise HubError(f"{repo.kind} {repo.id}: has no {path}; publish it with this project first")
    return content.decode("utf-8")
