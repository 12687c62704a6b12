"""`python -m sandbox.engines run [--data FOLDER] -- COMMAND ...`"""

import sys

from sandbox.engines.command import main

sys.exit(main(sys.argv[1:]))
