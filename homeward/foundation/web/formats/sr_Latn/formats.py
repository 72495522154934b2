"""The same as in Cyrillic: only the letters differ."""

from homeward.foundation.web.formats.sr.formats import *  # noqa: F403
