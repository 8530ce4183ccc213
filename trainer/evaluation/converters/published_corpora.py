"""Benchmarks with a corpus: ExcluIR, InfoSearch, and MAIR's tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_json
from dualview.trainer.evaluation.converters.published_tables import (
    find_tables,
    read_table,
    read_tables,
    text_of,
    whole_number,
)
from dualview.trainer.evaluation.converters.write_folder import Converted


def convert_excluir(source: Path) -> Converted:
    """Convert ExcluIR (arXiv 2404.17288): a folder with ``corpus.json`` and ``test_manual_final.json``.

    The corpus is a list of texts. A query is ``ExcluQ``, or ``RQ_rewrite``; its ``index``, or
    ``corpus_sub_index``, holds the places of the excluded and of the wanted text, in this order.
    """
    converted = Converted("exclusion")
    corpus_file, queries_file = source / "corpus.json", source / "test_manual_final.json"
    texts = _list_of_texts(corpus_file)
    converted.documents = {str(place): ("", text) for place, text in enumerate(texts)}
    for row, record in read_table(queries_file):
        where = f"{queries_file}, row {row}"
        places = record.get("index") or record.get("corpus_sub_index")
        if (
            not isinstance(places, list)
            or len(places) < 2
            or not all(isinstance(place, int) and 0 <= place < len(texts) for place in places[:2])
        ):
            raise InputError(f"{where}: 'index' must hold the places of the excluded and the wanted text")
        query_id = str(row - 1)
        converted.queries.append({"_id": query_id, "text": text_of(where, record, "ExcluQ", "RQ_rewrite")})
        converted.judge("", query_id, {str(places[1]): 1, str(places[0]): 0})
    return converted


def convert_infosearch(source: Path) -> Converted:
    """Convert a dimension of InfoSearch (arXiv 2410.23841): a folder with its published tables.

    ``corpus`` (``_id``, ``title``, ``text``), ``queries`` (``_id``, ``text``, ``instruction_og``,
    ``instruction_changed``, ``instruction_reversed``), ``qrels_og`` and ``qrels_changed`` (``query-id``,
    ``corpus-id``, ``score``). Gold documents are relevant in both, negatives in the first alone.
    """
    converted = Converted("infosearch")
    for where, record in read_tables(find_tables(source, "corpus")):
        title = str(record.get("title") or "")
        converted.documents[text_of(where, record, "_id", "id")] = (title, text_of(where, record, "text"))
    for where, record in read_tables(find_tables(source, "queries")):
        query_id = text_of(where, record, "_id", "id")
        converted.queries.append({"_id": query_id, "text": text_of(where, record, "text")})
        for view, column in (
            ("original", "instruction_og"),
            ("instructed", "instruction_changed"),
            ("reversed", "instruction_reversed"),
        ):
            # The original mode has no instruction in most dimensions.
            instruction = record.get(column) or ""
            if view != "original":
                instruction = text_of(where, record, column)
            converted.views.append({"query_id": query_id, "view": view, "instruction": str(instruction)})
    for view, table in (("original", "qrels_og"), ("instructed", "qrels_changed")):
        for where, record in read_tables(find_tables(source, table)):
            label = whole_number(where, record.get("score"))
            pair = text_of(where, record, "query-id"), text_of(where, record, "corpus-id")
            converted.judge(view, pair[0], {pair[1]: label})
    return converted


def convert_mair(source: Path) -> Converted:
    """Convert a task of MAIR (arXiv 2410.10127): a folder with its queries and its documents.

    ``queries`` (``qid``, ``instruction``, ``query``, ``labels``: a list of ``id`` and ``score``) and
    ``docs`` (``id``, ``doc``); a task of several parts has ``PART_queries`` and ``PART_docs``. A part's
    documents are the candidates of its queries.
    """
    converted = Converted("retrieval")
    parts = sorted({path.name.split("queries")[0] for path in source.glob("*queries*")})
    if not parts:
        raise InputError(f"{source}: lacks a table 'queries'; put the task's queries and docs there")
    for part in parts:
        docids = []
        for where, record in read_tables(find_tables(source, f"{part}docs")):
            docid = part + text_of(where, record, "id")
            if docid in converted.documents:
                raise InputError(f"{where}: document {docid!r} is there twice; keep one of them")
            converted.documents[docid] = ("", text_of(where, record, "doc"))
            docids.append(docid)
        for where, record in read_tables(find_tables(source, f"{part}queries")):
            query_id = part + text_of(where, record, "qid")
            converted.queries.append({"_id": query_id, "text": text_of(where, record, "query")})
            instruction = text_of(where, record, "instruction")
            converted.views.append({"query_id": query_id, "view": "instructed", "instruction": instruction})
            for label in _labels(where, record):
                docid = part + text_of(where, label, "id")
                converted.judge("", query_id, {docid: whole_number(where, label.get("score", 1))})
            if len(parts) > 1:
                converted.candidates[query_id] = docids
    return converted


def _list_of_texts(path: Path) -> list[str]:
    texts = read_json(path)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{path}: is no list of texts; give the folder of the published files")
    return texts


def _labels(where: str, record: dict[str, Any]) -> list[dict[str, Any]]:
    labels = record.get("labels") or []
    if not isinstance(labels, list) or not all(isinstance(label, dict) for label in labels):
        raise InputError(f"{where}: 'labels' is no list of objects with 'id' and 'score'")
    return labels
