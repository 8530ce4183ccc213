"""Reading YAML that people write: plain values only, within limits, and every error in one line."""

from __future__ import annotations

from pathlib import Path

import yaml

from dualview.cards.errors import InputError
from dualview.cards.text_files import read_text

# Bytes or characters.
_MOST = 1_000_000
_MOST_VALUES = 100_000
_DEEPEST = 50


def read_yaml(path: Path) -> object:
    """Read a file of YAML, see :func:`parse_yaml`.

    :raises InputError: naming the file, if it cannot be read.
    """
    if path.is_file() and path.stat().st_size > _MOST:
        raise InputError(_too_large(str(path)))
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, place: str) -> object:
    """Parse one YAML document into dictionaries, lists, strings, numbers, booleans, dates and None.

    Tags run no code. Size, depth and the values that aliases repeat are limited, so that no document takes
    much time or memory here or where its values are gone through.

    :param place: a file, for the message.
    :raises InputError: in one line, with the line number where it is known.
    """
    if len(text) > _MOST:
        raise InputError(_too_large(place))
    try:
        _check_depth(text)
        return _load(text)
    except yaml.YAMLError as error:
        reason = _reason(error)
    except (
        ValueError,
        TypeError,
        OverflowError,
    ) as error:  # a limit, or a wrong date, number or key
        reason = _one_line(str(error))
    raise InputError(f"{place}: not a readable YAML file ({reason})")


def _too_large(place: str) -> str:
    return f"{place}: not a readable YAML file (larger than {_MOST:,} bytes)"


def _load(text: str) -> object:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, {}, ())
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_depth(text: str) -> None:
    """Refuse deep documents before they are composed, which takes a call for each level."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} levels deep")


def _check_size(
    node: yaml.Node, known: dict[int, tuple[int, int]], above: tuple[int, ...]
) -> tuple[int, int]:
    """Count the values and levels of a node, with everything that aliases repeat.

    :raises ValueError: if there are too many, an alias is inside of what it names, or a key comes twice.
    """
    if id(node) in above:
        raise ValueError(f"line {node.start_mark.line + 1}: an alias repeats what it is in")
    if id(node) in known:
        return known[id(node)]
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        children = [part for pair in node.value for part in pair]
        _check_keys([key for key, _ in node.value if isinstance(key, yaml.ScalarNode)])
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    sizes = [_check_size(child, known, (*above, id(node))) for child in children]
    size = 1 + sum(values for values, _ in sizes), 1 + max((levels for _, levels in sizes), default=0)
    if size[0] > _MOST_VALUES or size[1] > _DEEPEST:
        raise ValueError(f"more than {_MOST_VALUES:,} values, or {_DEEPEST} levels deep, with its aliases")
    known[id(node)] = size
    return size


def _check_keys(keys: list[yaml.ScalarNode]) -> None:
    seen: set[tuple[str, str]] = set()
    for key in keys:
        if (key.tag, key.value) in seen:
            raise ValueError(f"line {key.start_mark.line + 1}: the key {key.value[:60]!r} comes twice")
        seen.add((key.tag, key.value))


def _reason(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    line = f"line {mark.line + 1}: " if mark is not None else ""
    return line + _one_line(problem)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
