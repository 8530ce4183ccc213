"""Metadata of a dataset card: what the Hub lists, and what ``load_dataset`` reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets.info import DatasetInfo, DatasetInfosDict
from huggingface_hub import DatasetCardData

from dualview.cards.dataset_facts import ConfigFacts, DatasetFacts
from dualview.cards.metadata.licenses import hub_license
from dualview.cards.text import one_line

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def dataset_card_data(facts: DatasetFacts) -> DatasetCardData:
    """Return the metadata of the card, with the configs and their features."""
    licenses = list(dict.fromkeys(hub_license(name) for name in facts.licenses))
    unknown = [one_line(name) for name in facts.licenses if hub_license(name) == "other"]
    data = DatasetCardData(
        pretty_name=one_line(facts.pretty_name),
        language=list(facts.languages),
        license=licenses[0] if len(licenses) == 1 else licenses,
        license_name=", ".join(unknown) or None,
        task_categories=["text-retrieval"],
        size_categories=[_size(facts.configs)],
        tags=["sentence-transformers", "information-retrieval", "instruction-following", "dual-view"],
        configs=[_config_metadata(config) for config in facts.configs],
    )
    infos = {config.name: DatasetInfo(features=config.features) for config in facts.configs}
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return data


def _config_metadata(config: ConfigFacts) -> dict[str, Any]:
    files = [{"split": split, "path": config.data_files[split]} for split in config.splits]
    metadata: dict[str, Any] = {"config_name": config.name, "data_files": files}
    if config.default:
        metadata["default"] = True
    return metadata


def _size(configs: Sequence[ConfigFacts]) -> str:
    main = next((config for config in configs if config.default), configs[0])
    rows = sum(main.splits.values())
    return next((name for bound, name in _SIZES if rows < bound), "100M<n<1B")
