"""Card files: fills a template, keeps sections written by hand, and replaces README.md in one step."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import yaml
from huggingface_hub import DatasetCard, ModelCard, RepoCard, SpaceCard
from jinja2 import Environment, PackageLoader, StrictUndefined

from dualview.cards.errors import CardError, HubError
from dualview.cards.text import Markdown, code, escape, fence

FILE_NAME = "README.md"
BY_HAND_START = "<!-- by hand -->"
BY_HAND_END = "<!-- /by hand -->"
_CLASSES: dict[str, type[RepoCard]] = {"dataset": DatasetCard, "model": ModelCard, "space": SpaceCard}


def render(template_name: str, **values: object) -> str:
    """Fill a template of this package; every value that is not Markdown yet is escaped.

    :param template_name: a file of ``cards/templates``.
    :raises jinja2.UndefinedError: if the template uses a value that is not given.
    """
    return environment().get_template(template_name).render(values)


def environment() -> Environment:
    """Return the environment of this package's templates, which escapes every value."""
    made = Environment(
        loader=PackageLoader("dualview.cards"),
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markdown) else escape(value),
        autoescape=False,  # noqa: S701 - it escapes for HTML only; `finalize` escapes for Markdown and HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(code=code, fence=fence)
    return made


def read_card(card: str, kind: str, where: str) -> RepoCard:
    """Parse the metadata and the text of a card.

    :param kind: ``model``, ``dataset`` or ``space``.
    :param where: the card's name in an error.
    :raises HubError: if its metadata cannot be read.
    """
    try:
        return _CLASSES[kind](card, ignore_metadata_errors=True)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise HubError(f"{where}: its metadata cannot be read ({' '.join(str(error).split())})") from error


def kept_by_hand(path: Path) -> Markdown:
    """Return the section of an existing card that was written by hand, with its two marks.

    Several such sections are joined; without any, the section is empty.

    :param path: a README.md, which need not exist.
    :raises CardError: if the file is not UTF-8, or a section is not closed.
    """
    return section_by_hand(_text(path), str(path))


def section_by_hand(text: str, where: str) -> Markdown:
    """Return the section of a card's text that was written by hand, as :func:`kept_by_hand` does.

    :param where: the card's name in an error.
    :raises CardError: if a section is not closed.
    """
    sections: list[list[str]] = []
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() == BY_HAND_START:
            if inside:
                raise CardError(_not_closed(where, number))
            sections.append([])
            inside = True
        elif line.strip() == BY_HAND_END:
            inside = False
        elif inside:
            sections[-1].append(line)
    if inside:
        raise CardError(_not_closed(where, None))
    kept = [line for section in sections for line in section]
    return Markdown("\n".join([BY_HAND_START, *kept, BY_HAND_END]))


def write_text(path: Path, text: str) -> Path:
    """Write a file in one step: a reader sees the whole old text or the whole new one.

    :raises CardError: if the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise CardError(
            f"{path}: cannot be written ({error.strerror}); choose a folder you may write to"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise CardError(f"{path}: is not UTF-8 text; save it as UTF-8 or move it away") from error
    except OSError as error:
        raise CardError(f"{path}: cannot be read ({error.strerror})") from error


def _not_closed(where: str, line: int | None) -> str:
    if line:
        where = f"{where}, line {line}"
    return f"{where}: a section '{BY_HAND_START}' is never closed; put '{BY_HAND_END}' on the line after it"
