"""Second factors lie encrypted, are asked for unless they are expressly optional, and signing out is final."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connections
from django.test import Client, RequestFactory

from homeward.config.middleware import TOKEN
from homeward.foundation.access import context
from homeward.foundation.institutions.models import Account
from tests.attacks.stage import connected

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def kept():
    """Everything the table of second factors holds, as a thief of the database reads it."""
    with connections["auth"].cursor() as cursor:
        cursor.execute("select data::text from mfa_authenticator")
        return "\n".join(row[0] for row in cursor.fetchall())


def code():
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(SEED, counter))


def test_a_telephones_seed_lies_encrypted_and_its_codes_still_count(ana):
    account = Account.objects.get(pk=ana.account_id)
    TOTP.activate(account, SEED)
    assert "gAAAA" in kept()
    assert SEED not in kept()
    again = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP).wrap()
    assert again.validate_code(code())
    assert not again.validate_code("not a code")


def test_recovery_codes_lie_encrypted_and_open_once(ana):
    account = Account.objects.get(pk=ana.account_id)
    codes = RecoveryCodes.activate(account)
    seed = get_adapter().decrypt(codes.instance.data["seed"])
    assert seed not in kept()
    one = codes.get_unused_codes()[0]
    again = Authenticator.objects.get(pk=codes.instance.pk).wrap()
    assert again.validate_code(one)
    assert not again.validate_code(one)


def test_the_key_can_be_changed_and_the_old_one_still_opens(settings):
    settings.DOCUMENT_KEY = "old" * 20
    sealed = get_adapter().encrypt(SEED)
    settings.DOCUMENT_KEY = f"{'new' * 20}, {'old' * 20}"
    assert get_adapter().decrypt(sealed) == SEED
    settings.DOCUMENT_KEY = "new" * 20
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(sealed)


def test_a_seed_somebody_wrote_into_the_table_in_the_clear_is_refused():
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(SEED)


@pytest.mark.parametrize(
    ("setting", "opens"), [("offered", True), ("required", False), ("Offered", False), ("", False)]
)
def test_only_the_one_word_makes_the_second_factor_optional(signed_in, ana, settings, setting, opens):
    settings.SECOND_FACTOR = setting
    response = signed_in(ana).get("/")
    assert (response.status_code == 200) is opens
    assert opens or response.url == "/account/2fa/"


def test_after_signing_out_a_copied_token_opens_nothing(signed_in, ana):
    client = signed_in(ana)
    token = context.open_session(ana.account_id, ana.pk)
    session = client.session
    session[TOKEN] = token
    session.save()
    assert context.choose_member(token, ana.pk)  # only a session that is open can choose
    assert client.post("/account/logout/").status_code == 302
    assert not context.choose_member(token, ana.pk)
    assert TOKEN not in client.session


@pytest.fixture
def somebody(members, django_db_blocker):
    """A member whose account is really changed, and afterwards as it was: two roles of the database have to see it."""
    member = members["atrc-counsellor"]
    with django_db_blocker.unblock(), connected(settings.DATABASES["default"]["NAME"]) as superuser:
        before = superuser.execute(
            "select array(select token_hash from sec.session where account_id = %(account)s and revoked_at is null), "
            "password from app.app_account where id = %(account)s",
            {"account": member.account_id},
        ).fetchone()
        yield member
        superuser.execute(
            "update app.app_account set password = %s where id = %s", [before[1], member.account_id]
        )
        superuser.execute("update sec.session set revoked_at = null where token_hash = any (%s)", [before[0]])
        superuser.execute(
            "delete from sec.session where account_id = %s and token_hash <> all (%s)",
            [member.account_id, before[0]],
        )
        superuser.execute("delete from app.django_session")
        superuser.execute("delete from sec.tally")


@pytest.mark.saved
def test_a_new_password_ends_every_other_session_and_leaves_this_browser_signed_in(somebody):
    client, old, new = Client(), "came-home-together", "another one for home"
    client.post("/account/login/", {"login": "atrc-counsellor", "password": old})
    assert client.get("/").status_code == 200
    thief = context.open_session(somebody.account_id, somebody.pk)

    changed = client.post(
        "/account/password/change/", {"oldpassword": old, "password1": new, "password2": new}
    )

    assert changed.status_code == 302
    assert not context.choose_member(thief, somebody.pk)
    assert client.get("/").status_code == 200


def test_wrong_passwords_are_counted_for_a_name_and_an_address():
    """Nobody keeps a colleague out by typing wrong passwords elsewhere."""
    from allauth.account.adapter import get_adapter

    here, there = (RequestFactory().get("/", REMOTE_ADDR=address) for address in ("192.0.2.1", "192.0.2.2"))
    keys = [get_adapter()._get_login_attempts_cache_key(request, username="ana") for request in (here, there)]
    assert keys[0] != keys[1]


def test_whoever_works_for_two_institutions_gets_no_password_by_mail(ana, monkeypatch):
    from homeward.config.signin import Links

    account = Account.objects.get(pk=ana.account_id)
    link = Links().make_token(account)
    assert Links().check_token(account, link)
    monkeypatch.setattr(
        context, "_auth", lambda sql, params: [(2,)] if "institution_id" in sql else [(False,)]
    )
    assert not Links().check_token(account, link)
