"""Publishing: what is here becomes what the repository holds, in one commit.

- Private, unless it is said to be public; what is made public becomes so after its content is there.
- One commit: a reader sees the old content or the new one, never data without its card or half the shards.
- Compared with the Hub first: where nothing changed, nothing is uploaded and no commit is made.
- A commit names the head that it was made for. Where another came first, or where the answer to ours was
  lost, the head is read and compared again before the next try.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from huggingface_hub import get_token

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import Change, LocalFile, compare, count, readable
from dualview.cards.hub.errors import explain, is_transient
from dualview.cards.hub.repo import HubRepo, RepoState
from dualview.cards.hub.retries import Say
from dualview.cards.hub.upload import Ask, Published, PublishOptions, Upload, ask_on_terminal, say_on_stderr
from dualview.cards.hub.published_card import is_ours, keep_theirs
from dualview.cards.readme import FILE_NAME


def publish(
    upload: Upload, options: PublishOptions, say: Say = say_on_stderr, ask: Ask = ask_on_terminal
) -> Published:
    """Make the repository hold the files.

    :raises HubError: if that cannot be done; the repository is as it was then.
    """
    repo = HubRepo(upload.repo_id, upload.kind, say, options.patience)
    try:
        state = _look(repo, options)
        change = _change(repo, upload, state, options)
        for line in _announcement(repo, state, change, options):
            say(line)
        if options.dry_run:
            return Published(repo.page, "", changed=False)
        going_public = _ask_before_public(repo, state, options, ask)
        if state is None:
            repo.create(upload.sdk)
        commit, changed = commit_until_equal(
            repo, lambda now: _change(repo, upload, now, options), options.message
        )
        if options.tag:
            repo.set_tag(options.tag, commit)
        if going_public:
            repo.make_public()
    except OSError as error:
        raise HubError(explain(error, upload.repo_id, upload.kind)) from error
    say(f"{'published' if changed else 'nothing changed'}: {repo.page}/commit/{commit}")
    return Published(repo.page, commit, changed)


def reserve(repo: HubRepo, options: PublishOptions, ask: Ask = ask_on_terminal) -> None:
    """Make the repository, private and empty, where there is none, for what will be published later.

    :raises HubError: if nothing could be published there.
    """
    state = _look(repo, options)
    _ask_before_public(repo, state, options, ask)
    if state is None:
        repo.create()


def commit_until_equal(
    repo: HubRepo, change_from: Callable[[RepoState], Change], message: str
) -> tuple[str, bool]:
    """Commit until the repository holds what it should; return the head and whether a commit was made.

    :param change_from: what must change, given what the repository holds at that moment.
    :raises HubError: if it cannot be done.
    """
    tried = unsure = False

    def step() -> tuple[str, bool]:
        nonlocal tried, unsure
        state = repo.look()
        if state is None:
            raise HubError(f"{repo.kind} {repo.id}: it vanished while it was written to; try again")
        change = change_from(state)
        if change.is_empty:
            # After a first try, the commit is ours: its answer was lost.
            return state.head, tried
        tried, unsure = True, True
        try:
            return repo.commit(change.operations(), message, state.head), True
        except Exception as error:
            unsure = is_transient(error)
            raise

    try:
        return repo.persist(step)
    except HubError as error:
        if not unsure:
            raise
        # Given up: the last commit may have been made, and its answer lost.
        try:
            state = repo.look()
        except HubError:
            raise HubError(f"{error}; whether the last try arrived is not known") from error
        if state is None or not change_from(state).is_empty:
            raise
        return state.head, True


def _ask_before_public(repo: HubRepo, state: RepoState | None, options: PublishOptions, ask: Ask) -> bool:
    """Whether the repository is about to become public.

    :raises HubError: if it is, and nobody wants that.
    """
    going_public = options.public and (state is None or state.private)
    if going_public and not options.assume_yes and not ask(f"Let everybody see {repo.page}?"):
        raise HubError(f"{repo.kind} {repo.id}: not published, as it was not to become public")
    return going_public


def _look(repo: HubRepo, options: PublishOptions) -> RepoState | None:
    """What is there, if it may be written over.

    :raises HubError: if it may not.
    """
    repo.check_id()
    if options.dry_run and get_token() is None:
        repo.say("note: no token for the Hub, so it was not asked: all files are shown as new")
        return None
    repo.check_token()
    state = repo.look()
    if state is None:
        other = repo.other_kind()
        if other and not options.force:
            raise HubError(
                f"{repo.kind} {repo.id}: a {other} has this id; choose another, or add --force to have both"
            )
        return None
    if not state.private and not options.public:
        raise HubError(
            f"{repo.kind} {repo.id}: is public; add --public to publish there, or choose another id"
        )
    if not is_ours(_card(repo, state), tuple(state.files), repo.kind) and not options.force:
        raise HubError(
            f"{repo.kind} {repo.id}: the name is taken, and what is there is not of this project; choose "
            "another id, or add --force to write over it"
        )
    return state


def _change(repo: HubRepo, upload: Upload, state: RepoState | None, options: PublishOptions) -> Change:
    """What must change there, with what people put into the published card kept."""
    if state is None:
        return compare(upload.files, {})
    published = _card(repo, state)
    files = [
        LocalFile(FILE_NAME, _merged(file, published, repo).encode()) if file.path == FILE_NAME else file
        for file in upload.files
    ]
    return compare(files, state.files, upload.owned)


def _merged(file: LocalFile, published: str | None, repo: HubRepo) -> str:
    content = file.source if isinstance(file.source, bytes) else file.source.read_bytes()
    return keep_theirs(content.decode("utf-8"), published, repo.kind, f"{FILE_NAME} of {repo.page}")


def _card(repo: HubRepo, state: RepoState) -> str | None:
    if FILE_NAME not in state.files:
        return None
    content = repo.read(FILE_NAME, state.head)
    return content.decode("utf-8", errors="replace") if content is not None else None


def _announcement(
    repo: HubRepo, state: RepoState | None, change: Change, options: PublishOptions
) -> Sequence[str]:
    was = "new" if state is None else "private" if state.private else "public"
    will = "public" if options.public else "private"
    visibility = will if was == will else f"{was}, will be {will}"
    uploads = count(len(change.added) + len(change.replaced), "file")
    verb = "would upload" if options.dry_run else "uploading"
    return [
        f"{repo.kind} {repo.id} ({visibility}), {repo.page}",
        *change.lines(),
        f"{verb} {uploads}, {readable(change.size)}" if not change.is_empty else "nothing to upload",
    ]
