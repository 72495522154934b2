"""How people get in: by name and password and a second factor; nobody signs up by themselves."""

import base64
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.http import HttpRequest

from homeward.config.middleware import TOKEN
from homeward.foundation.access import context
from homeward.foundation.audit.actions import Operator, operation, record_operation
from homeward.foundation.institutions.models import Account


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an institution's administrator, never by the visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def get_user_search_fields(self) -> list[str]:
        """Where a sign-in name is looked for."""
        return ["username", "email"]

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Names are given, not invented."""

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted for a name and the address they come from: nobody locks out a colleague from afar."""
        return (
            f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"
        )

    def set_password(self, user: Any, password: str) -> None:
        """A new password ends every session of the account, in the database too: one of them may be a thief's.

        The browser in which it was changed goes on; it gets a new token with its next page. A link that led here is
        used up.
        """
        super().set_password(user, password)
        context.has_chosen_password(user.pk)
        context.close_sessions(user.pk)
        if self.request is not None and hasattr(self.request, "session"):
            self.request.session.pop(TOKEN, None)

    def logout(self, request: HttpRequest) -> None:
        """Signs out in the database too, so that a token copied before is worth nothing afterwards."""
        if token := request.session.get(TOKEN):
            context.close_session(token)
        super().logout(request)


@operation
def reset_sign_in(account: Account, password: str, *, by: Operator) -> int:
    """Somebody has lost the telephone or the password: the account starts again with this password and no second factor.

    Every session of it ends, and no link works that an institution handed over. Returns how many second factors were taken
    off; recovery codes count as one.
    """
    with transaction.atomic(using="auth"):
        account.set_password(password)
        account.save(update_fields=["password"])
        context.has_chosen_password(account.pk)  # no link an institution handed over works any more
        context.close_sessions(account.pk)
        factors = Authenticator.objects.filter(user=account.pk)
        taken_off = len(factors)
        factors.delete()
        record_operation("account.reset", "account", by=by, account=str(account.pk), factors=taken_off)
    return taken_off


class Links(PasswordResetTokenGenerator):
    """Links to choose a password: those that go to an own mailbox, and the first one, handed over by the institution."""

    def check_token(self, user: Any, token: str | None) -> bool:
        """Whether the link works for this account now."""
        if user is None or not token:
            return False
        if context.may_choose_password(user.pk, token):
            return True
        # An institution that made the account named its mailbox. Whoever works for others too gets no password by mail.
        return context.works_for_one(user.pk) and super().check_token(user, token)


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """What a telephone's codes and the recovery codes are made from lies encrypted in the database.

    Who steals a copy of the database has no second factor with it: the key is not in there.
    """

    def encrypt(self, text: str) -> str:
        """As it is kept."""
        return _seals(settings.DOCUMENT_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was. Raises `InvalidToken` for what was not encrypted here, readable or not."""
        return _seals(settings.DOCUMENT_KEY).decrypt(encrypted_text.encode()).decode()


@lru_cache(maxsize=4)
def _seals(given: str) -> MultiFernet:
    """Keys for second factors and nothing else, one for each text of DOCUMENT_KEY; the first one seals."""
    return MultiFernet([Fernet(_derived(text.strip())) for text in given.split(",") if text.strip()])


def _derived(text: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"homeward second factor").derive(text.encode())
    return base64.urlsafe_b64encode(key)
