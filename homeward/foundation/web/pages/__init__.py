"""The three shapes a page can have: a list, one thing, and doing something to it.

They are values: a room writes `index = ListPage(...)` in its `views` and puts it into `urls` as it is. None is
subclassed; a page of any other shape is a plain view behind `@signed_in`.
"""

from homeward.foundation.web.pages.doorway import signed_in
from homeward.foundation.web.pages.shapes import ActionPage, DetailPage, ListPage

__all__ = ["ActionPage", "DetailPage", "ListPage", "signed_in"]
