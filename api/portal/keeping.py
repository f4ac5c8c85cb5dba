"""What was typed into a form outlives the log-in: the log-in page carries it along, and it is offered again after it."""

from dataclasses import dataclass

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.portal.guarding import FORM_WORD, MOST_FIELDS, has_named_us, is_foreign, number_in
from api.portal.rendering import render
from api.portal.visiting import Visitor, database_of, local_path, settings_of
from models.views.logins import DemoLogin, demo_logins
from models.words import Sentence

MOST_KEPT_BYTES = 1024 * 1024  # of a form sent without a log-in; a workbook in it must be chosen again anyway
NOT_KEPT = ("/login", "/logout", "/language", "/look", "/account", "/link")  # secrets are typed there, or nothing
MARK = "kept:"  # begins the names under which the log-in page carries the fields
ADDRESS = "kept_for"
TYPED = (
    "reason",
    "conditions",
    "note",
    "drop",
    "lines",
    "why",
    "words",
    "said_by",
)  # how the names of what people type begin


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not taken: where it was sent, and its fields in order, without files and the session's word."""

    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def texts(self) -> list[str]:
        """What somebody typed, to be shown."""
        return [text for name, text in self.fields if text.strip() and name.startswith(TYPED)]


async def keep_form(request: Request) -> Kept | None:
    """The form of a request that was not taken; None where we do not know that it is ours, or it is too large."""
    length = number_in(request.headers.get("content-length", ""))
    is_small = length is not None and length <= MOST_KEPT_BYTES
    if request.method != "POST" or not is_small or is_foreign(request) or not has_named_us(request):
        return None
    if request.url.path.startswith(NOT_KEPT):
        return None
    async with request.form(max_fields=MOST_FIELDS, max_files=1) as form:
        named = ((name, text) for name, text in form.multi_items() if name != FORM_WORD)
        return Kept(request.url.path, tuple((name, text) for name, text in named if isinstance(text, str)))


def kept_of(form: FormData) -> Kept | None:
    """The form that the log-in page carries, if any."""
    address = form.get(ADDRESS)
    if not isinstance(address, str) or local_path(address) != address or address.startswith(NOT_KEPT):
        return None
    marked = ((name, text) for name, text in form.multi_items() if name.startswith(MARK))
    return Kept(address, tuple((name.removeprefix(MARK), text) for name, text in marked if isinstance(text, str)))


def show_gate(
    request: Request,
    visitor: Visitor,
    wanted: str,
    kept: Kept | None = None,
    *,
    status: int = 200,
    said: Sentence | None = None,
    email: str = "",
) -> Response:
    """The log-in page, which goes on to `wanted`; where the demo district is loaded, with log-ins to choose from."""
    demo: tuple[DemoLogin, ...] = ()
    if settings_of(request).demo:
        with database_of(request).reading() as session:
            demo = demo_logins(session)
    carried = {"kept": kept, "mark": MARK, "kept_for": ADDRESS}
    shown = {"said": said, "email": email, "wanted": wanted, "demo": demo}
    return render(request, visitor, "pages/login", status, **shown, **carried)


def show_kept(request: Request, visitor: Visitor, kept: Kept, status: int = 200) -> Response:
    """The form again, to be sent with the session of now."""
    return render(request, visitor, "pages/kept", status, kept=kept)
