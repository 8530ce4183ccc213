"""Publishing makes one private commit of the changes, and keeps text that people wrote on the Hub."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard, HfApi

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.model_upload import model_upload
from dualview.cards.hub.publish import publish
from dualview.cards.hub.repo import HubRepo
from dualview.cards.hub.retries import Patience
from dualview.cards.hub.upload import PublishOptions, Upload, ask_on_terminal
from dualview.cards.readme import BY_HAND_END, BY_HAND_START
from dualview.dataset_builder.output.publish_dataset import dataset_upload
from tests.hub.clients import contents, titles
from tests.hub.loopback.faults import Fault
from tests.hub.loopback.state import Hub
from tests.hub.samples import write_dataset, write_model

ID = "org/dualview-ifir"
EMPTY_BY_HAND = f"{BY_HAND_START}\n{BY_HAND_END}"
QUICK = PublishOptions(patience=Patience(first=0.01, sleep=lambda seconds: None))


def said(lines: list[str]) -> str:
    return "\n".join(lines)


def local(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def published(hub: Hub, kind: str = "datasets", repo_id: str = ID) -> dict[str, bytes]:
    """Return the files of a repository, without the file that the Hub adds to each."""
    return {path: text for path, text in contents(hub, kind, repo_id).items() if path != ".gitattributes"}


def test_the_repository_holds_the_folder_after_one_commit(connected: Hub, dataset: Path) -> None:
    lines: list[str] = []
    done = publish(dataset_upload(dataset, ID), QUICK, lines.append)
    assert published(connected) == local(dataset)
    assert titles(connected, "datasets", ID) == ["Publish", "initial commit"]
    repo = connected.store.repos("datasets")[0]
    assert done.changed and done.commit == connected.store.head(repo, "main")[1].sha
    assert f"dataset {ID} (new, will be private)" in lines[0]
    assert any("uploading 19 files" in line for line in lines)
    assert repo.private


def test_a_second_publish_does_nothing(connected: Hub, dataset: Path) -> None:
    first = publish(dataset_upload(dataset, ID), QUICK)
    connected.seen.clear()
    lines: list[str] = []
    second = publish(dataset_upload(dataset, ID), QUICK, lines.append)
    assert (second.commit, second.changed) == (first.commit, False)
    assert "nothing to upload" in lines
    assert {request.method for request in connected.seen} == {"GET"}


def test_only_what_changed_is_sent_and_stale_shards_go(connected: Hub, tmp_path: Path) -> None:
    publish(dataset_upload(write_dataset(tmp_path / "one", shards=2), ID), QUICK)
    connected.seen.clear()
    after = write_dataset(tmp_path / "two", shards=1, limit="Other.")
    lines: list[str] = []
    publish(dataset_upload(after, ID), QUICK, lines.append)
    assert published(connected) == local(after)
    assert any(re.fullmatch(r"  and \d+ more", line) for line in lines)
    assert len(titles(connected, "datasets", ID)) == 3
    assert sum("/commit/" in request.path for request in connected.seen) == 1


def test_files_that_a_build_leaves_beside_the_data_stay_here(connected: Hub, dataset: Path) -> None:
    (dataset / "ledger.sqlite").write_text("prompts")
    (dataset / "data" / "extra.parquet").write_text("no config names it")
    (dataset / ".hidden").write_text("x")
    publish(dataset_upload(dataset, ID), QUICK)
    assert published(connected).keys().isdisjoint({"ledger.sqlite", "data/extra.parquet", ".hidden"})


def test_a_dry_run_writes_nothing(connected: Hub, dataset: Path) -> None:
    lines: list[str] = []
    done = publish(dataset_upload(dataset, ID), replace(QUICK, dry_run=True, public=True), lines.append)
    assert done.commit == "" and connected.store.repos("datasets") == []
    assert "(new, will be public)" in lines[0] and "would upload 19 files" in said(lines)


def test_a_dry_run_names_every_file(connected: Hub, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "dataset", shards=5)
    (folder / "notes.txt").write_text("x")
    (folder / "ledger.sqlite").write_text("x")
    publish(dataset_upload(folder, ID), QUICK)
    (folder / "recipe.json").write_text("{}")
    lines: list[str] = []
    publish(dataset_upload(folder, ID), replace(QUICK, dry_run=True), lines.append)
    shown = said(lines)
    assert all(path in shown for path in local(folder))
    assert "  replace  recipe.json (2 B)" in lines and "  keep     statistics.json (11 B)" in lines
    assert "  stay     notes.txt" in lines and "  never    ledger.sqlite" in lines
    lines.clear()
    publish(dataset_upload(folder, ID), QUICK, lines.append)
    assert "  stay     1 file not published; --dry-run lists them" in lines and "notes" not in said(lines)


def test_files_are_added_on_demand(connected: Hub, dataset: Path) -> None:
    (dataset / "plots").mkdir()
    (dataset / "plots" / "a.png").write_bytes(b"x")
    publish(dataset_upload(dataset, ID, ["plots/*"]), QUICK)
    assert published(connected) == local(dataset)


@pytest.mark.parametrize("options", [QUICK, replace(QUICK, dry_run=True)])
@pytest.mark.parametrize("name", ["recipe.json", "README.md"])
def test_a_token_in_a_file_ends_it_before_the_hub_is_asked(
    connected: Hub, dataset: Path, options: PublishOptions, name: str
) -> None:
    token = "hf_" + "aB3" * 11
    with (dataset / name).open("a") as file:
        file.write(f"\n{token}\n")
    with pytest.raises(HubError, match=f"{name}: holds a Hugging Face token") as error:
        publish(dataset_upload(dataset, ID), options)
    assert token not in str(error.value) and connected.seen == []


def test_a_link_that_leaves_the_folder_ends_it(connected: Hub, dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("x")
    model = write_model(tmp_path / "model")
    for folder in (dataset, model):
        (folder / "notes.txt").symlink_to("../id_rsa")
    with pytest.raises(HubError, match=r"notes\.txt: is a link that leaves the folder"):
        dataset_upload(dataset, ID)
    with pytest.raises(HubError, match=r"notes\.txt: is a link that leaves the folder"):
        model_upload(model, "org/m")


def test_a_dry_run_needs_no_account(connected: Hub, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    lines: list[str] = []
    publish(dataset_upload(dataset, ID), replace(QUICK, dry_run=True), lines.append)
    assert "note: no token" in lines[0] and connected.seen == []


def test_public_is_asked_for_and_comes_last(connected: Hub, dataset: Path) -> None:
    upload = dataset_upload(dataset, ID)
    asked: list[str] = []
    with pytest.raises(HubError, match="may not become public"):
        publish(upload, replace(QUICK, public=True), ask=lambda question: bool(asked.append(question)))
    assert "public?" in asked[0] and connected.store.repos("datasets") == []
    publish(upload, replace(QUICK, public=True), ask=lambda question: True)
    assert not connected.store.repos("datasets")[0].private
    paths = [request.path for request in connected.seen if request.method in ("POST", "PUT")]
    assert paths[-1].endswith("/settings") and any("/commit/" in path for path in paths[:-1])


def test_yes_does_not_ask(connected: Hub, dataset: Path) -> None:
    def never(question: str) -> bool:
        raise AssertionError(question)

    publish(dataset_upload(dataset, ID), replace(QUICK, public=True, assume_yes=True), ask=never)
    publish(dataset_upload(dataset, ID), replace(QUICK, public=True), ask=never)  # it is public by now


def test_what_is_public_wants_the_flag(connected: Hub, dataset: Path) -> None:
    publish(dataset_upload(dataset, ID), replace(QUICK, public=True, assume_yes=True))
    with pytest.raises(HubError, match="is public; add --public"):
        publish(dataset_upload(dataset, ID), QUICK)


@pytest.mark.parametrize(
    ("typed", "terminal", "answer"),
    [
        ("y\n", True, True),
        ("yes\n", True, True),
        ("\n", True, False),
        ("", True, False),
        ("n\n", False, True),
    ],
)
def test_only_a_terminal_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    terminal: bool,
    answer: bool,
) -> None:
    stream = io.StringIO(typed)
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.stdin", stream)
    assert ask_on_terminal("Really?") is answer
    assert capsys.readouterr().err == ("Really? [y/N] " if terminal else "")


def test_what_people_wrote_on_the_hub_is_kept(
    connected: Hub, api: HfApi, dataset: Path, tmp_path: Path
) -> None:
    publish(dataset_upload(dataset, ID), QUICK)
    card = DatasetCard(contents(connected, "datasets", ID)["README.md"].decode())
    card.text = card.text.replace(EMPTY_BY_HAND, f"{BY_HAND_START}\nThanks, *all*.\n{BY_HAND_END}")
    card.data["extra_gated_prompt"] = "Who are you?"
    api.upload_file(
        path_or_fileobj=card.content.encode(), path_in_repo="README.md", repo_id=ID, repo_type="dataset"
    )
    done = publish(dataset_upload(dataset, ID), QUICK)
    assert not done.changed
    publish(dataset_upload(write_dataset(tmp_path / "new", limit="A new limit."), ID), QUICK)
    now = contents(connected, "datasets", ID)["README.md"].decode()
    assert "Thanks, *all*." in now and "A new limit." in now
    assert DatasetCard(now).data["extra_gated_prompt"] == "Who are you?"
    assert DatasetCard(now).data["configs"] == card.data["configs"]
    # Whoever writes into the folder's own card is the one who is heard.
    mine = write_dataset(tmp_path / "mine")
    readme = mine / "README.md"
    readme.write_text(readme.read_text().replace(EMPTY_BY_HAND, f"{BY_HAND_START}\nMine.\n{BY_HAND_END}"))
    publish(dataset_upload(mine, ID), QUICK)
    now = contents(connected, "datasets", ID)["README.md"].decode()
    assert "Mine." in now and "Thanks" not in now


def test_files_of_others_stay(connected: Hub, api: HfApi, dataset: Path) -> None:
    publish(dataset_upload(dataset, ID), QUICK)
    api.upload_file(path_or_fileobj=b"x", path_in_repo="images/a.png", repo_id=ID, repo_type="dataset")
    publish(dataset_upload(dataset, ID), QUICK)
    assert published(connected)["images/a.png"] == b"x"


def test_a_repository_with_something_else_is_left_alone(connected: Hub, api: HfApi, dataset: Path) -> None:
    api.create_repo(ID, repo_type="dataset", private=True)
    api.upload_file(path_or_fileobj=b"a,b\n", path_in_repo="t.csv", repo_id=ID, repo_type="dataset")
    before = contents(connected, "datasets", ID)
    with pytest.raises(HubError, match="name is taken"):
        publish(dataset_upload(dataset, ID), QUICK)
    assert contents(connected, "datasets", ID) == before
    publish(dataset_upload(dataset, ID), replace(QUICK, force=True))
    assert published(connected) == {**local(dataset), "t.csv": b"a,b\n"}


def test_a_repository_made_on_the_website_is_taken(connected: Hub, api: HfApi, dataset: Path) -> None:
    api.create_repo(ID, repo_type="dataset", private=True)
    api.upload_file(
        path_or_fileobj=b"---\nlicense: mit\n---\n", path_in_repo="README.md", repo_id=ID, repo_type="dataset"
    )
    publish(dataset_upload(dataset, ID), QUICK)
    assert published(connected) == local(dataset)


def test_another_kind_of_the_same_name(connected: Hub, api: HfApi, dataset: Path) -> None:
    api.create_repo(ID, private=True)
    with pytest.raises(HubError, match="a model has this id"):
        publish(dataset_upload(dataset, ID), QUICK)
    publish(dataset_upload(dataset, ID), replace(QUICK, force=True))


def test_a_tag_names_the_commit(connected: Hub, dataset: Path, tmp_path: Path) -> None:
    first = publish(dataset_upload(dataset, ID), replace(QUICK, tag="v1"))
    publish(dataset_upload(dataset, ID), replace(QUICK, tag="v1"))
    repo = connected.store.repos("datasets")[0]
    assert connected.store.refs(repo)["refs/tags/v1"] == first.commit
    with pytest.raises(HubError, match="is on another commit"):
        publish(dataset_upload(write_dataset(tmp_path / "x", rows=7), ID), replace(QUICK, tag="v1"))
    HubRepo(ID, "dataset", lambda line: None, QUICK.patience).set_tag("v1", "main", move=True)
    assert connected.store.refs(repo)["refs/tags/v1"] != first.commit


def test_an_interrupted_upload_sends_no_file_twice(connected: Hub, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model", weights=b"w" * 40_000)
    (model / "second.safetensors").write_bytes(b"v" * 40_000)
    # The client's own retries of a commit's answer are none: this ends the first try after all is uploaded.
    connected.faults.switch_on(Fault("status", on="POST .*/commit/", times=8))
    with pytest.raises(HubError, match="given up after 8 tries"):
        publish(model_upload(model, "org/m"), QUICK)
    assert published(connected, "models", "org/m") == {}
    publish(model_upload(model, "org/m"), QUICK)
    puts = [
        request for request in connected.seen if request.method == "PUT" and request.path.startswith("/lfs/")
    ]
    assert sorted(request.received for request in puts) == [40_000, 40_000]
    assert published(connected, "models", "org/m")["second.safetensors"] == b"v" * 40_000


def test_large_files_arrive_in_parts(connected: Hub, tmp_path: Path) -> None:
    connected.chunk = 1000
    model = write_model(tmp_path / "model", weights=bytes(range(256)) * 10)
    connected.faults.switch_on(Fault("slow", on="PUT /lfs/.*/2$", seconds=0.05))
    publish(model_upload(model, "org/m"), QUICK)
    parts = [request.received for request in connected.seen if request.method == "PUT"]
    assert parts == [1000, 1000, 560]
    assert published(connected, "models", "org/m")["model.safetensors"] == bytes(range(256)) * 10


def test_a_model_goes_by_the_name_it_is_published_under(connected: Hub, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    for name in ("optimizer.pt", "trainer_state.json", "checkpoint-3/model.safetensors"):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_text("x")
    publish(model_upload(model, "org/m"), QUICK)
    there = published(connected, "models", "org/m")
    assert sorted(there) == [
        "README.md",
        "config.json",
        "dualview_facts.json",
        "model.safetensors",
        "modules.json",
    ]
    assert 'SentenceTransformer("org/m")' in there["README.md"].decode()
    assert json.loads(there["dualview_facts.json"])["model_name"] == "org/m"
    assert json.loads((model / "dualview_facts.json").read_text())["model_name"] == "local"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "README.md").unlink(), "has no README.md"),
        (lambda folder: (folder / "README.md").write_text("# no metadata"), "names no configs"),
        (lambda folder: (folder / "README.md").write_text("---\n: [\n---\n"), "metadata cannot be read"),
        (lambda folder: (folder / "README.md").write_bytes(b"\xff"), "cannot be read"),
        (
            lambda folder: next((folder / "data/plain").glob("test-*")).unlink(),
            "'test' of 'plain' is missing",
        ),
    ],
)
def test_half_a_dataset_is_not_published(connected: Hub, dataset: Path, spoil: object, message: str) -> None:
    spoil(dataset)  # type: ignore[operator]
    with pytest.raises(HubError, match=message) as error:
        dataset_upload(dataset, ID)
    assert "\n" not in str(error.value) and str(dataset) in str(error.value)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no such folder"):
        dataset_upload(tmp_path / "absent", ID)
    with pytest.raises(HubError, match="holds no model"):
        model_upload(tmp_path, ID)


def test_a_card_that_the_hub_refuses(connected: Hub) -> None:
    card = LocalFile("README.md", b"---\nlicense: my-own\n---\n# x\n")
    with pytest.raises(HubError, match=r"README.md.*known licences") as error:
        publish(Upload("org/m", "model", (card,)), QUICK)
    assert "\n" not in str(error.value)
    assert published(connected, "models", "org/m") == {}
