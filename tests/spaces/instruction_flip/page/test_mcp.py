"""Endpoints as tools of the Model Context Protocol, if its package is installed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from flip_visiting import BASE, serving_here

pytest.importorskip("mcp", reason="the package mcp is not installed (pip install 'gradio[mcp]')")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

PASSAGES = ["Cake with eggs\nWhisk three eggs.", "Cake without eggs\nUse oil and vinegar."]


async def _call(url: str) -> tuple[dict[str, Any], str]:
    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        name = next(name for name in tools if name.endswith("rank"))
        asked = {"query": "cake", "instruction": "without eggs", "passages": PASSAGES, "model": "base"}
        result = await session.call_tool(name, asked)
        assert not result.isError
        return tools, " ".join(content.text for content in result.content)


def test_the_endpoints_are_tools(app: ModuleType) -> None:
    # In a separate thread, as the browser of other tests runs an event loop in this one.
    with (
        serving_here(app, "--base", BASE, "--model", BASE, "--mcp") as server,
        ThreadPoolExecutor(1) as thread,
    ):
        tools, told = thread.submit(asyncio.run, _call(f"{server.url}gradio_api/mcp/")).result(120)
    assert sorted(name.rpartition("_")[2] for name in tools) == ["flip", "rank", "search"]
    for tool in tools.values():
        assert len(tool.description) > 40
        assert "query" in tool.inputSchema["properties"]
    # Gradio returns results in Python's repr format.
    assert "'rank': 1, 'passage': 2" in told
