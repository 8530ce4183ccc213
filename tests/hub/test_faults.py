"""Publishing over a bad network: the intended content, or a clear error and the old content."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from dualview.cards.errors import HubError
from dualview.cards.hub.changes import LocalFile
from dualview.cards.hub.publish import publish
from dualview.cards.hub.retries import Patience
from dualview.cards.hub.upload import PublishOptions, Upload
from dualview.dataset_builder.output.publish_dataset import OWNED
from tests.hub.clients import ALICE, contents
from tests.hub.loopback.faults import Fault, Faults, parse_faults
from tests.hub.loopback.state import Hub

ID = "org/stormy"
IMPATIENT = Patience(sleep=lambda seconds: None)
STORM = (
    Fault("status", times=None, chance=0.10),
    Fault("rate", times=None, chance=0.04, seconds=1),
    Fault("drop", times=None, chance=0.06),
    Fault("lose", times=None, chance=0.06),
    Fault("slow", times=None, chance=0.03, seconds=0.01),
    Fault("race", times=None, chance=0.30),
    # Now and then the Hub is down for long, and publishing has to give up.
    Fault("status", on="POST .*/commit/", times=None, chance=0.05),
)


def some_content(number: int, draw: random.Random) -> dict[str, bytes]:
    """Return a card and a few shards, some of them unchanged."""
    shards = draw.randint(1, 4)
    card = f"---\nlicense: mit\ntags:\n- dual-view\n---\n# Version {number}\n".encode()
    files = {f"data/train-{s}-of-{shards}.parquet": draw.randbytes(200 + s) for s in range(shards)}
    return {"README.md": card, "recipe.json": b"%d" % draw.randint(0, 3), **files}


def ours(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in files.items() if not path.startswith((".git", "notes/"))}


def storm(hub: Hub, publishes: int, seed: int, down_chance: float) -> Counter[str]:
    """Publish many times, check the server each time, and count the results."""
    draw = random.Random(seed)
    hub.faults = Faults(seed)
    options = PublishOptions(patience=replace(IMPATIENT, tries=6))
    came, before, intended = Counter[str](), dict[str, bytes](), [{}]
    for number in range(publishes):
        hub.faults.switch_on(*STORM)
        if draw.random() < down_chance:
            hub.faults.switch_on(Fault("status", on="/commit/|/settings|POST", times=None))
        wanted = some_content(number, draw)
        upload = Upload(ID, "dataset", tuple(LocalFile(p, c) for p, c in wanted.items()), OWNED)
        lines: list[str] = []
        notes = _notes(hub)
        try:
            publish(upload, options, lines.append)
            came["published"] += 1
            assert ours(contents(hub, "datasets", ID)) == wanted, number
            intended.append(wanted)
            before = wanted
        except HubError as error:
            came["refused"] += 1
            assert ("\n" not in str(error) and ID in str(error)) or hub.url in str(error), error
            now = ours(contents(hub, "datasets", ID)) if hub.store.repo("datasets", ID) else {}
            assert now == before, f"{number}: {error}"
        assert ALICE not in "\n".join(lines)
        assert _notes(hub) >= notes, "a commit of another user is lost"
        hub.faults.switch_off()
    _assert_no_reader_saw_a_half(hub, intended)
    return came + Counter({f"fault {kind}": number for kind, number in hub.faults.done.items()})


def _notes(hub: Hub) -> set[str]:
    if not hub.store.repo("datasets", ID):
        return set()
    return {path for path in contents(hub, "datasets", ID) if path.startswith("notes/")}


def _assert_no_reader_saw_a_half(hub: Hub, intended: list[dict[str, bytes]]) -> None:
    repo = hub.store.repo("datasets", ID)
    assert repo is not None
    for commit in hub.store.history_of([hub.store.head(repo, "main")[1].sha]):
        assert ours(contents(hub, "datasets", ID, commit.sha)) in intended


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the clients' own waits from seconds to milliseconds."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(seconds / 1000))


def _tell(capsys: Any, came: Counter[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n  publishes under faults: {dict(sorted(came.items()))}\n")


@pytest.mark.usefixtures("quick")
def test_publishing_under_faults(connected: Hub, capsys: Any) -> None:
    came = storm(connected, publishes=20, seed=20, down_chance=0.1)
    _tell(capsys, came)
    assert came["published"] + came["refused"] == 20
    assert came["published"] >= 15


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_200_publishes_under_faults(connected: Hub, capsys: Any) -> None:
    came = storm(connected, publishes=200, seed=200, down_chance=0.05)
    _tell(capsys, came)
    assert came["published"] + came["refused"] == 200
    assert came["published"] >= 170 and came["refused"] >= 1
    assert all(came[f"fault {kind}"] > 10 for kind in ("status", "rate", "drop", "lose", "slow", "race"))


@pytest.mark.parametrize("kind", ["status", "lose"])
@pytest.mark.parametrize(
    "on",
    [
        "GET /api/datasets/org/stormy$",
        "GET .*/tree/",
        "POST /api/repos/create",
        "POST /api/validate-yaml",
        "POST .*/preupload/",
        "POST .*/batch",
        "PUT /lfs/",
        "POST .*/verify",
        "POST .*/commit/",
        "GET .*/refs",
        "POST .*/tag/",
        "PUT .*/settings",
    ],
)
@pytest.mark.usefixtures("quick")
def test_every_call_is_tried_again(connected: Hub, kind: str, on: str) -> None:
    fault = Fault(kind, on=on, times=2)
    connected.faults.switch_on(fault)
    wanted = some_content(1, random.Random(1))
    upload = Upload(ID, "dataset", tuple(LocalFile(p, c) for p, c in wanted.items()), OWNED)
    options = PublishOptions(public=True, assume_yes=True, tag="v1", patience=IMPATIENT)
    done = publish(upload, options, lambda line: None)
    assert fault.times != 2, "the call was never made"
    assert ours(contents(connected, "datasets", ID)) == wanted
    repo = connected.store.repo("datasets", ID)
    assert repo is not None and not repo.private
    assert connected.store.refs(repo)["refs/tags/v1"] == done.commit
    assert len(connected.store.history_of([done.commit])) == 2, "one commit and the initial one"


def test_retry_after_is_kept_to(connected: Hub) -> None:
    waits: list[float] = []
    connected.faults.switch_on(Fault("rate", on="POST /api/repos/create", seconds=7))
    upload = Upload(ID, "dataset", (LocalFile("README.md", b"---\nlicense: mit\n---\n"),))
    publish(upload, PublishOptions(patience=Patience(first=0.01, sleep=waits.append)), lambda line: None)
    assert waits == [7.0]


def test_a_wait_that_is_too_long_is_not_begun(connected: Hub) -> None:
    connected.faults.switch_on(Fault("rate", on="POST /api/repos/create", seconds=3600))
    upload = Upload(ID, "dataset", (LocalFile("README.md", b"---\nlicense: mit\n---\n"),))
    with pytest.raises(HubError, match=r"asks to slow down .*given up after 1 tries"):
        publish(upload, PublishOptions(), lambda line: None)


def test_a_race_is_run_again_from_the_new_head(connected: Hub) -> None:
    upload = Upload(ID, "dataset", (LocalFile("README.md", b"---\nlicense: mit\n---\n"),))
    connected.faults.switch_on(Fault("race", times=3))
    lines: list[str] = []
    publish(upload, PublishOptions(patience=IMPATIENT), lines.append)
    assert sorted(contents(connected, "datasets", ID)) == [
        ".gitattributes",
        "README.md",
        "notes/0.md",
        "notes/1.md",
        "notes/2.md",
    ]
    assert sum("keep changing it" in line for line in lines) == 3


def test_faults_are_switched_on_by_a_line() -> None:
    assert [(fault.kind, fault.chance) for fault in parse_faults("status=0.1,race")] == [
        ("status", 0.1),
        ("race", 1.0),
    ]
    with pytest.raises(ValueError, match="a fault is one of"):
        Fault("flood")
