"""What is wrong with a model that cannot be loaded, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

#: Seconds that the Hub is given to answer.
_PATIENCE = 5.0


def why_missing(name: str, location: str, setting: str) -> str:
    """Ask the Hub what is wrong with a model that did not load, and return a sentence.

    :param name: the model's name in the sentence.
    :param location: a folder or Hub id.
    :param setting: the variable that names another model.
    """
    if Path(location).is_dir():
        return f"Could not run the model {name}: check that it is a SentenceTransformer folder."
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
    return f"Could not run the model {location}: check that it is a SentenceTransformer."
