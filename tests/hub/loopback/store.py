"""Repositories, commits and refs in SQLite; a commit holds its whole tree.

All calls come from the server's one thread: what one request does, no other sees half done.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.hub.loopback.blobs import Blobs
from tests.hub.loopback.errors import RefusalError, revision_not_found

_SCHEMA = """
create table if not exists repos (
    kind text, id text, private int, gated text, sdk text, created text, primary key (kind, id));
create table if not exists commits (
    sha text primary key, parent text, title text, message text, date text, author text, tree text);
create table if not exists refs (kind text, id text, ref text, sha text, primary key (kind, id, ref));
"""
MAIN = "refs/heads/main"
# The Hub's file in a new repository, shortened to the kinds of files that this project uploads.
GIT_ATTRIBUTES = "".join(
    f"{pattern} filter=lfs diff=lfs merge=lfs -text\n"
    for pattern in ("*.bin", "*.parquet", "*.safetensors", "*.pt", "*.pth", "*.zip", "*.onnx")
)


@dataclass(frozen=True)
class Repo:
    """:param kind: ``models``, ``datasets`` or ``spaces``."""

    kind: str
    id: str
    private: bool
    gated: str | None
    sdk: str | None
    created: str

    @property
    def namespace(self) -> str:
        return self.id.split("/")[0]


@dataclass(frozen=True)
class Entry:
    """File in a tree; a large one has a ``sha256``, and ``oid`` is then the hash of the pointer."""

    oid: str
    size: int
    sha256: str | None = None

    @property
    def etag(self) -> str:
        return self.sha256 or self.oid


Tree = Mapping[str, Entry]


@dataclass(frozen=True)
class Commit:
    sha: str
    parent: str | None
    title: str
    message: str
    date: str
    author: str
    tree: Tree


class Store:
    """:param folder: holds the database and the blobs; existing ones are used."""

    def __init__(self, folder: Path) -> None:
        self.blobs = Blobs(folder / "blobs")
        self._db = sqlite3.connect(folder / "hub.sqlite", check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def repos(self, kind: str) -> list[Repo]:
        rows = self._db.execute("select * from repos where kind = ? order by id", (kind,))
        return [Repo(k, i, bool(p), g, s, c) for k, i, p, g, s, c in rows]

    def repo(self, kind: str, repo_id: str) -> Repo | None:
        row = self._db.execute("select * from repos where kind = ? and id = ?", (kind, repo_id)).fetchone()
        return Repo(row[0], row[1], bool(row[2]), *row[3:]) if row else None

    def create(self, kind: str, repo_id: str, private: bool, sdk: str | None, author: str) -> Repo:
        values = (kind, repo_id, int(private), None, sdk, now())
        self._db.execute("insert into repos values (?, ?, ?, ?, ?, ?)", values)
        attributes = GIT_ATTRIBUTES.encode()
        tree = {".gitattributes": Entry(self.blobs.put_small(attributes), len(attributes))}
        repo = Repo(kind, repo_id, private, None, sdk, values[-1])
        self.commit(repo, MAIN, tree, "initial commit", "", author)
        return repo

    def delete(self, repo: Repo) -> None:
        for table in ("repos", "refs"):
            self._db.execute(f"delete from {table} where kind = ? and id = ?", (repo.kind, repo.id))

    def move(self, repo: Repo, repo_id: str) -> None:
        for table in ("repos", "refs"):
            self._db.execute(
                f"update {table} set id = ? where kind = ? and id = ?", (repo_id, repo.kind, repo.id)
            )

    def set_visibility(self, repo: Repo, private: bool, gated: str | None) -> None:
        self._db.execute(
            "update repos set private = ?, gated = ? where kind = ? and id = ?",
            (int(private), gated, repo.kind, repo.id),
        )

    def refs(self, repo: Repo, prefix: str = "refs/") -> dict[str, str]:
        rows = self._db.execute("select ref, sha from refs where kind = ? and id = ?", (repo.kind, repo.id))
        return {ref: sha for ref, sha in sorted(rows) if ref.startswith(prefix)}

    def set_ref(self, repo: Repo, ref: str, sha: str | None) -> None:
        """Point a ref at a commit; None deletes the ref."""
        if sha is None:
            self._db.execute(
                "delete from refs where kind = ? and id = ? and ref = ?", (repo.kind, repo.id, ref)
            )
        else:
            self._db.execute(
                "insert or replace into refs values (?, ?, ?, ?)", (repo.kind, repo.id, ref, sha)
            )

    def commit(self, repo: Repo, ref: str, tree: Tree, title: str, message: str, author: str) -> Commit:
        parent = self.refs(repo).get(ref)
        files = json.dumps({path: asdict(entry) for path, entry in sorted(tree.items())})
        sha = hashlib.sha1(f"{parent}{files}{secrets.token_hex()}".encode()).hexdigest()
        values = (sha, parent, title, message, now(), author, files)
        self._db.execute("insert into commits values (?, ?, ?, ?, ?, ?, ?)", values)
        self.set_ref(repo, ref, sha)
        return Commit(*values[:-1], tree)

    def resolve(self, repo: Repo, revision: str) -> Commit:
        """Return the commit of a branch, a tag, a full ref, a hash or the first seven digits of one.

        :raises RefusalError: if there is none.
        """
        refs = self.refs(repo)
        for ref in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if ref in refs:
                return self._commit(refs[ref])
        for commit in self.history_of(refs.values()):
            if len(revision) >= 7 and commit.sha.startswith(revision):
                return commit
        raise revision_not_found(revision)

    def head(self, repo: Repo, branch: str) -> tuple[str, Commit]:
        """Return the full ref and the newest commit of a branch or pull request.

        :raises RefusalError: if there is none.
        """
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        sha = self.refs(repo).get(ref)
        if sha is None or ref.startswith("refs/tags/"):
            raise revision_not_found(branch)
        return ref, self._commit(sha)

    def history_of(self, shas: object) -> list[Commit]:
        """Return the commits from those hashes back to the first, newest first, each once."""
        found: dict[str, Commit] = {}
        for start in shas:  # type: ignore[attr-defined]
            sha = start
            while sha and sha not in found:
                found[sha] = self._commit(sha)
                sha = found[sha].parent
        return list(found.values())

    def _commit(self, sha: str) -> Commit:
        row = self._db.execute("select * from commits where sha = ?", (sha,)).fetchone()
        if row is None:
            raise RefusalError(404, f"Invalid rev id: {sha}", "RevisionNotFound")
        return Commit(*row[:-1], {path: Entry(**entry) for path, entry in json.loads(row[-1]).items()})


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
