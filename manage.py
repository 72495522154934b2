#!/usr/bin/env python
"""Run a command of Homeward against its database: `python manage.py COMMAND`, or `make manage ARGS="COMMAND"`."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeward.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
