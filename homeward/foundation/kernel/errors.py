"""Every way in which the system says no to a person, with words that person can read.

An action raises one of these and changes nothing. The page, the command or the import that called it
shows `message` at `field`, in the reader's language, and keeps what was typed. `code` is for machines:
programs and tests look at it, never at the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Words for a reader: plain, or still waiting to know the language of that reader.
if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise
else:
    Text = str | Promise


class Refusal(Exception):
    """The system did not do what was asked, and says why.

    `message` may be lazy: it is put into words when somebody reads it, in the language of that reader.
    `field` names the input that is to be mended, or is None when no single one is at fault.
    """

    default_code: ClassVar[str] = "refused"
    default_message: ClassVar[Text] = _("This could not be done.")

    def __init__(
        self, message: Text | None = None, *, field: str | None = None, code: str | None = None
    ) -> None:
        self.message: Text = self.default_message if message is None else message
        self.field = field
        self.code = code or self.default_code
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)

    def __repr__(self) -> str:
        place = f", field={self.field!r}" if self.field else ""
        return f"{type(self).__name__}({str(self.message)!r}{place}, code={self.code!r})"


class RuleBroken(Refusal):
    """What was asked goes against a rule of the work, such as accepting a referral that was declined."""

    default_code = "rule_broken"
    default_message = _("This is not possible in the present state.")


def objection(check: Callable[..., None], *about: Any, **more: Any) -> Text:
    """What a rule says against something, in words; empty when it says nothing. For pages that say so before anybody tries.

    `check` raises RuleBroken; every other refusal goes on.
    """
    try:
        check(*about, **more)
    except RuleBroken as broken:
        return broken.message
    return ""


class NotPermitted(Refusal):
    """The member can see the thing, but it is not theirs to do this with it."""

    default_code = "not_permitted"
    default_message = _("You do not have permission to do this.")


class Missing(Refusal):
    """There is nothing here that this member may see.

    The same words whether it is hidden or does not exist: the difference would itself be a disclosure.
    """

    default_code = "missing"
    default_message = _("There is nothing at this address.")


class Stale(Refusal):
    """Somebody else changed the same record in the meantime; nothing was overwritten.

    `theirs` holds the values that stand now, by field name, so that the page can show both.
    """

    default_code = "stale"
    default_message = _(
        "Somebody else has changed this in the meantime. Compare both versions and save again."
    )

    def __init__(
        self,
        theirs: Mapping[str, Any],
        message: Text | None = None,
        *,
        field: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, field=field, code=code)
        self.theirs: dict[str, Any] = dict(theirs)


class NoContext(Refusal):
    """Somebody asked for personal data without first saying which member they are."""

    default_code = "no_context"
    default_message = _("Your sign-in has ended. Sign in again.")


class Unaudited(Refusal):
    """A change left no trace and was therefore undone. This is a fault of the program, not of the member."""

    default_code = "unaudited"
    default_message = _(
        "This was not saved, because it could not be recorded. Tell the people who run the system."
    )


class Throttled(Refusal):
    """Too many tries in too short a time."""

    default_code = "throttled"
    default_message = _("Too many tries. Wait a little and try again.")
