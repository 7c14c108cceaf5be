"""The process that plays: its settings are those of the scratch database, given in its environment."""

import json
import os
import sys

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiesu.config.settings"
    django.setup()
    from jiesu.command.simulation.playing import play  # noqa: PLC0415 - models need the settings

    sys.exit(play(**json.loads(sys.argv[1])))
