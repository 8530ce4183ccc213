"""``python -m dualview``: the same as the command ``dualview``."""

from __future__ import annotations

import sys

from dualview.cli import main

if __name__ == "__main__":
    sys.exit(main())
