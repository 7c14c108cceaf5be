"""The process that plays: its settings are those of the scratch database, given in its environment."""

import json
import sys
from importlib import import_module

from jiesu.core.children import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    import_module("jiesu.command.simulation.preloaded")  # models need the settings
    play = import_module("jiesu.command.simulation.playing").play
    sys.exit(play(**json.loads(sys.argv[1])))
