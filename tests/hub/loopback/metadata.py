"""Checks of a card's metadata, as the Hub makes them before an upload."""

from __future__ import annotations

import re
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dualview.cards.metadata.licenses import hub_license
from tests.hub.loopback.routing import route
from tests.hub.loopback.state import Hub

_CARD = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")


@route("POST", "/api/validate-yaml")
async def validate(hub: Hub, request: Request) -> Response:
    body = await request.json()
    errors, warnings = problems(body["content"], body["repoType"])
    answer = {name: [{"message": text} for text in found] for name, found in
              (("errors", errors), ("warnings", warnings))}  # fmt: skip
    return JSONResponse(answer, status_code=400 if errors else 200)


def split_card(text: str) -> tuple[dict[str, Any], str]:
    """Return the metadata of a card and the text below it; None for metadata that cannot be read."""
    found = _CARD.match(text)
    if not found:
        return {}, text
    try:
        metadata = yaml.safe_load(found[1])
    except yaml.YAMLError:
        metadata = None
    return metadata if isinstance(metadata, dict) else {}, text[found.end() :]


def problems(content: str, kind: str) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings about a card.

    :param kind: ``model``, ``dataset`` or ``space``.
    """
    found = _CARD.match(content)
    if not found:
        return [], ["empty or missing yaml metadata in repo card"]
    try:
        data = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        return [f"the metadata is no YAML: {' '.join(str(error).split())}"], []
    if not isinstance(data, dict):
        return ["the metadata is no mapping"], []
    errors = []
    licenses = data.get("license")
    for license_ in licenses if isinstance(licenses, list) else [licenses] if licenses else []:
        if hub_license(str(license_)) != license_:
            errors.append(f'"license" must be one of the known licences, not {license_!r}')
    for name in ("tags", "language", "datasets", "metrics", "models", "configs", "widget", "model-index"):
        if name in data and not isinstance(data[name], list) and not (name == "language" and data[name]):
            errors.append(f'"{name}" must be a list')
    for name in ("datasets", "models"):
        for value in data.get(name) or []:
            if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", str(value)):
                errors.append(f'"{name}" holds {value!r}, which is no id')
    return errors + {"dataset": _dataset, "model": _model, "space": _space}[kind](data), []


def _dataset(data: dict[str, Any]) -> list[str]:
    errors = []
    configs = data.get("configs") or []
    names = [config.get("config_name") for config in configs]
    if len(set(names)) != len(names) or None in names:
        errors.append('every one of "configs" needs a "config_name" of its own')
    if sum(bool(config.get("default")) for config in configs) > 1:
        errors.append('only one of "configs" can be the default')
    for config in configs:
        for file in config.get("data_files") or []:
            if not isinstance(file, dict) or not file.get("split") or not file.get("path"):
                errors.append(f'"data_files" of {config.get("config_name")} need "split" and "path"')
    return errors


def _model(data: dict[str, Any]) -> list[str]:
    errors = []
    for model in data.get("model-index") or []:
        for result in model.get("results") or [{}]:
            if not (result.get("task") or {}).get("type") or not (result.get("dataset") or {}).get("type"):
                errors.append('every result of "model-index" needs a task and a dataset with a "type"')
            errors += [
                'every metric of "model-index" needs "type" and "value"'
                for metric in result.get("metrics") or [{}]
                if not {"type", "value"} <= metric.keys()
            ]
    for example in data.get("widget") or []:
        sentences = {"source_sentence", "sentences"} <= example.keys()
        if data.get("pipeline_tag") == "sentence-similarity" and not sentences:
            errors.append('every one of "widget" needs "source_sentence" and "sentences"')
    return errors


def _space(data: dict[str, Any]) -> list[str]:
    errors = [f'"{name}" is missing' for name in ("title", "emoji", "sdk") if not data.get(name)]
    if data.get("sdk") not in (None, "gradio", "streamlit", "docker", "static"):
        errors.append(f'"sdk" is {data["sdk"]!r}')
    if data.get("sdk") == "gradio" and not re.fullmatch(r"\d+\.\d+\.\d+", str(data.get("sdk_version"))):
        errors.append('"sdk_version" must be a version such as 6.31.0')
    errors += [f'"{n}" must be a colour' for n in ("colorFrom", "colorTo") if data.get(n) not in _COLORS]
    if len(str(data.get("short_description") or "")) > 60:
        errors.append('"short_description" is longer than 60 characters')
    return errors
