"""`python -m misora` is the command `misora`."""

import sys

from misora.cli import main

sys.exit(main())
