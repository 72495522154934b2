"""Prints who can sign in to the demonstration, and with what: the last thing `make run` says before it serves."""

from __future__ import annotations

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeward.config.settings")
    django.setup()
    from django.conf import settings

    from homeward.config import demo
    from homeward.foundation.kernel import packs

    members = packs.load(settings.PACK, settings.PACKS).section("demo")["members"]
    width = max(len(member["login"]) for member in members)
    print(f"\nSign in with one of these names and the password  {demo.PASSWORD}\n")
    for member in members:
        print(f"  {member['login']:<{width}}  {member['name']}")


if __name__ == "__main__":
    main()
