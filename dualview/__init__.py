"""DualView: retrieval that obeys instructions.

Importing this package is fast and loads no PyTorch: each public name is loaded when it is first used.
"""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

# In a checkout the parts are folders beside this one; in the wheel they are inside it (setup.cfg,
# package_dir).
_ROOT = Path(__file__).resolve().parent.parent
if not (Path(__file__).parent / "trainer").is_dir() and (_ROOT / "setup.cfg").is_file():
    __path__.append(str(_ROOT))
