"""Items for the writer ``endpoint``, replies about them, and a server that gives these."""

import asyncio
import json

from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.pacing import Backoff
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.schema import AnswerSet, CandidateSet, Passage
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

PASSAGES = tuple(
    Passage(f"d{place}", f"Bread {place}", text)
    for place, text in enumerate(
        [
            "Feed the starter every morning with rye flour and keep it warm near the oven.",
            "In Alaska miners carried sourdough under their coats, so the frost would not kill it.",
            "A laboratory in Bolzano counted two hundred kinds of yeast in jars from nine countries.",
            "Discard half of the jar, says the baker, or it will overflow by Wednesday evening.",
        ]
    )
)
ITEM = CandidateSet(
    set_id="bread-1",
    query_id="bread-1",
    query="how do I keep a sourdough starter alive in the winter",
    instruction="Only advice for daily care at home.",
    positive=PASSAGES[0],
    instruction_negatives=PASSAGES[1:],
    hard_negatives=(Passage("h", "", "Yoghurt cultures are sold in small sachets."),),
    style="plain",
    domain="home",
    source="mine",
    license="cc0-1.0",
)
ANSWERS = AnswerSet("bread-2", "bread-2", ITEM.query, PASSAGES[:2], PASSAGES[2:], source="mine")
FREE = WritingSettings(styles={})
GOOD = "I want history: how people in the far north kept theirs alive."


def reversal(text=GOOD, **more):
    return (
        json.dumps({"reasoning": "…", "lever": "Region (exclusion)", "new_instruction": text, **more}),
        "stop",
    )


def write(tmp_path, items, says=(), settings=None, **behaviour):
    """The outcomes of the items, the server that was asked, and the rows of the ledger."""

    async def run():
        fake = FakeLlm(Behaviour(says=list(says), **behaviour))
        server = find_server(f"http://127.0.0.1:{await fake.start()}/v1", None, 5)
        ledger = LlmRun.open(tmp_path / "l.sqlite")
        client = LlmClient(server, "m", ledger.ledger, "openai", backoff=Backoff(0.001, 0.01), max_tries=2)
        writer = EndpointWriter(client, ledger, settings or FREE, Sampling(0.7, 300), 1)
        try:
            # One after the other, so that each meets what the server is told to say next.
            outcomes = [await writer.write_async(item) for item in items]
            rows = ledger.ledger._db.execute(
                "SELECT task, outcome FROM requests ORDER BY answered_at"
            ).fetchall()
            return outcomes, fake, rows, writer
        finally:
            await writer.close()
            await fake.stop()

    return asyncio.run(run())
