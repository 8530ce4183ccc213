"""What is wrong with a model that cannot be loaded, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

#: Seconds that the Hub is given to answer.
_PATIENCE = 5.0


def is_on_this_machine(location: str) -> bool:
    """Tell whether a model needs no download."""
    from huggingface_hub import try_to_load_from_cache

    names = ("modules.json", "config.json")
    return Path(location).is_dir() or any(
        isinstance(try_to_load_from_cache(location, name), str) for name in names
    )


def why_missing(location: str, setting: str) -> str:
    """Ask the Hub what is wrong with a model, and return a sentence; empty if it has the model.

    :param location: a folder or Hub id.
    :param setting: the variable that names another model.
    """
    if Path(location).is_dir():
        return ""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
    )

    try:
        HfApi().model_info(location, timeout=_PATIENCE)
    except GatedRepoError:
        return f"{location} is gated: accept its terms on the Hub and set HF_TOKEN."
    except (RepositoryNotFoundError, HFValidationError):
        return f"{location} does not exist, or is private: set {setting} to a model that you may read."
    except HfHubHTTPError as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        return f"The Hub answered with {status or 'an error'} for {location}: try again later."
    except Exception:  # the client's own errors for a broken connection differ by version
        return f"The Hub cannot be reached, so {location} cannot be loaded."
    return ""
