"""One door over all rooms: parse, call, print; nothing is computed here."""

from misora.cli.abilities import ABILITIES
from misora.cli.again import FINISHED
from misora.cli.commands import COMMANDS
from misora.cli.door import commands_page, main

__all__ = ["COMMANDS", "commands_page", "main"]

COMMANDS.update(ABILITIES | FINISHED)
