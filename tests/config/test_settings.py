"""An installation is shut unless it says, in so many words, that it is a demonstration."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from homeward.config.apps import REMEMBERED
from homeward.config.management.commands import demo
from tools import devdb

SHOWN = (
    "DEMONSTRATION SECOND_FACTOR HTTPS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_HSTS_SECONDS "
    "SECURE_PROXY_SSL_HEADER ALLAUTH_TRUSTED_PROXY_COUNT CSRF_TRUSTED_ORIGINS NAME_KEY SECRET_KEY DOCUMENT_KEY"
).split()
PROGRAM = (
    "import json, sys; from homeward.config import settings; "
    "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))"
)
KEYS = {
    "HOMEWARD_SECRET_KEY": "s" * 50,
    "HOMEWARD_DOCUMENT_KEY": "d" * 50,
    "HOMEWARD_NAME_KEY": "n" * 50,
}
SERVER = {"HOMEWARD_DB_HOST": "db.example", "HOMEWARD_DB_SUPERUSER": "nobody"}


def read(**given):
    """The settings of a new process in this environment, and what it said when it refused."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOMEWARD_")}
    state = {"HOMEWARD_STATE": str(devdb.describe().state)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *SHOWN],
        cwd=devdb.ROOT, env={**inherited, **state, **given}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr


def test_without_a_word_everything_is_shut():
    settings, _ = read()
    assert (settings["DEMONSTRATION"], settings["SECOND_FACTOR"]) == (False, "required")
    assert [settings[name] for name in ("HTTPS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")] == [True] * 3
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert settings["SECURE_PROXY_SSL_HEADER"] is None  # a header anybody can write is not believed
    assert (settings["ALLAUTH_TRUSTED_PROXY_COUNT"], settings["CSRF_TRUSTED_ORIGINS"]) == (0, [])


def test_a_demonstration_may_do_without_tls_and_telephones():
    settings, _ = read(HOMEWARD_DEMONSTRATION="1", HOMEWARD_SECOND_FACTOR="offered")
    assert (settings["SECOND_FACTOR"], settings["HTTPS"]) == ("offered", False)
    assert not settings["SESSION_COOKIE_SECURE"]


@pytest.mark.parametrize(
    "given",
    [
        {"HOMEWARD_SECOND_FACTOR": "offered"},
        {"HOMEWARD_SECOND_FACTOR": "offered", "HOMEWARD_DEMONSTRATION": "yes"},
        {"HOMEWARD_SECOND_FACTOR": "Required"},
        {"HOMEWARD_SECOND_FACTOR": "optional", "HOMEWARD_DEMONSTRATION": "1"},
        {"HOMEWARD_SECOND_FACTOR": ""},
    ],
)
def test_the_second_factor_cannot_be_left_out_by_a_slip(given):
    settings, said = read(**given)
    assert settings is None
    assert "ImproperlyConfigured: HOMEWARD_SECOND_FACTOR" in said


def test_a_proxy_is_believed_when_it_is_named():
    settings, _ = read(HOMEWARD_PROXY="1", HOMEWARD_ORIGINS="https://a.example, https://b.example")
    assert settings["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert settings["ALLAUTH_TRUSTED_PROXY_COUNT"] == 1
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://a.example", "https://b.example"]
    assert read(HOMEWARD_PROXY="1", HOMEWARD_PROXY_COUNT="2")[0]["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


@pytest.mark.parametrize("missing", KEYS)
def test_on_a_server_every_key_must_be_given(missing):
    settings, said = read(**SERVER, **{name: value for name, value in KEYS.items() if name != missing})
    assert settings is None
    assert f"ImproperlyConfigured: {missing} is required" in said


def test_the_keys_given_are_the_keys_used():
    settings, said = read(**SERVER, **KEYS)
    assert settings is not None, said
    assert {f"HOMEWARD_{name}": settings[name] for name in ("SECRET_KEY", "DOCUMENT_KEY", "NAME_KEY")} == KEYS


def test_embedded_the_keys_are_derived_and_differ():
    devdb.ensure()
    settings, _ = read()
    assert len({settings["SECRET_KEY"], settings["DOCUMENT_KEY"], settings["NAME_KEY"], ""}) == 4


def test_the_demonstration_is_not_built_into_an_installation(settings, monkeypatch):
    seated = []

    def seat(pack, *, by):
        seated.append(pack.name)
        return []

    monkeypatch.setattr(demo.demo, "seat", seat)
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="HOMEWARD_DEMONSTRATION=1"):
        call_command("demo", "--members-only")
    assert seated == []
    settings.DEMONSTRATION = True
    call_command("demo", "--members-only")
    assert seated == [settings.PACK]


def test_a_question_asked_again_is_understood_only_once(ana):
    session = connection.connection
    assert (session.prepare_threshold, session.prepared_max) == (1, REMEMBERED)
