"""How any form looks: GOV.UK markup for Django's own widgets, without a room knowing about it.

`FORM_RENDERER = "homeward.foundation.web.components.renderer.GovukRenderer"` is all it takes: `{{ form }}`,
`{% field form.name %}` and the sign-in pages come out with labels, hints and error messages that belong together.
"""

from homeward.foundation.web.components.dates import DayInput
from homeward.foundation.web.components.renderer import GovukRenderer, ShownField, mistakes

__all__ = ["DayInput", "GovukRenderer", "ShownField", "mistakes"]
