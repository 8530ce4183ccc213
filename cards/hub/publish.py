"""Publishes files to a repository in one commit.

Rules:

- A new repository is private unless the user makes it public; it becomes public after its content is there.
- No file with a key, a token or a pickle is uploaded.
- There is one commit: a reader sees the whole old content or the whole new content.
- Files are compared with the Hub first: without a change, there is no upload and no commit.
- A commit names the head that it was made for. After a commit of somebody else, or a lost answer, the head
  is read and compared again before the next try.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from huggingface_hub import get_token

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import Change, LocalFile, compare, count, readable
from dualview.cards.hub.contents import check_contents
from dualview.cards.hub.errors import explain, is_transient
from dualview.cards.hub.published_card import is_ours, keep_theirs
from dualview.cards.hub.repo import HubRepo, RepoState
from dualview.cards.hub.retries import Say
from dualview.cards.hub.upload import Ask, Published, PublishOptions, Upload, ask_on_terminal
from dualview.cards.readme import FILE_NAME
from dualview.cards.terminal import write_line


def publish(
    upload: Upload, options: PublishOptions, say: Say = write_line, ask: Ask = ask_on_terminal
) -> Published:
    """Publish the files.

    :raises HubError: if a file may not be published, or the Hub refuses; the repository is then unchanged.
    """
    check_contents(upload.files)
    repo = HubRepo(upload.repo_id, upload.kind, say, options.patience)
    try:
        state = _look(repo, options)
        change = _change(repo, upload, state, options)
        for line in _announcement(repo, state, change, upload, options):
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
    """Create an empty, private repository for a later publish, if there is none.

    :raises HubError: if nothing could be published there.
    """
    state = _look(repo, options)
    _ask_before_public(repo, state, options, ask)
    if state is None:
        repo.create()


def commit_until_equal(
    repo: HubRepo, change_from: Callable[[RepoState], Change], message: str
) -> tuple[str, bool]:
    """Commit until no change is left; return the head, and True if a commit was made.

    :param change_from: returns the needed change for the current content of the repository.
    :raises HubError: if the commit cannot be made.
    """
    tried = unsure = False

    def step() -> tuple[str, bool]:
        nonlocal tried, unsure
        state = repo.look()
        if state is None:
            raise HubError(f"{repo.kind} {repo.id}: was deleted during the upload; try again")
        change = change_from(state)
        if change.is_empty:
            # After a first try, the head is our commit, and its answer was lost.
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
        # The last commit may have been made, and its answer lost.
        try:
            state = repo.look()
        except HubError:
            raise HubError(f"{error}; it is not known if the last try succeeded") from error
        if state is None or not change_from(state).is_empty:
            raise
        return state.head, True


def _ask_before_public(repo: HubRepo, state: RepoState | None, options: PublishOptions, ask: Ask) -> bool:
    """Tell whether the repository is about to become public.

    :raises HubError: if it is, and the user answers no.
    """
    going_public = options.public and (state is None or state.private)
    if going_public and not options.assume_yes and not ask(f"Make {repo.page} public?"):
        raise HubError(f"{repo.kind} {repo.id}: not published, because it may not become public")
    return going_public


def _look(repo: HubRepo, options: PublishOptions) -> RepoState | None:
    """Return the state of the repository, or None if there is none.

    :raises HubError: if it may not be overwritten.
    """
    repo.check_id()
    if options.dry_run and get_token() is None:
        repo.say("note: no token for the Hub, so nothing was compared: all files are shown as new")
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
            f"{repo.kind} {repo.id}: the name is taken by a repository that is not of this project; choose "
            "another id, or add --force to overwrite it"
        )
    return state


def _change(repo: HubRepo, upload: Upload, state: RepoState | None, options: PublishOptions) -> Change:
    """Return the needed change; text and metadata that people added to the published card are kept."""
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
    repo: HubRepo, state: RepoState | None, change: Change, upload: Upload, options: PublishOptions
) -> Sequence[str]:
    """Describe for the user what will be done; a dry run names every file."""
    was = "new" if state is None else "private" if state.private else "public"
    will = "public" if options.public else "private"
    visibility = will if was == will else f"{was}, will be {will}"
    uploads = count(len(change.added) + len(change.replaced), "file")
    verb = "would upload" if options.dry_run else "uploading"
    return [
        f"{repo.kind} {repo.id} ({visibility}), {repo.page}",
        *change.lines(every_file=options.dry_run),
        *_left_out(upload, options.dry_run),
        f"{verb} {uploads}, {readable(change.size)}" if not change.is_empty else "nothing to upload",
    ]


def _left_out(upload: Upload, every_file: bool) -> list[str]:
    if every_file:
        hint = ["  (add --include PATTERN for files that stay here)"] if upload.staying else []
        stay = [f"  stay     {path}" for path in upload.staying]
        return [*stay, *hint, *(f"  never    {path}" for path in upload.never)]
    if not upload.staying:
        return []
    return [f"  stay     {count(len(upload.staying), 'file')} not published; --dry-run lists them"]
