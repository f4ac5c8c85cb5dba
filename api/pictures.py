"""Photos that come with a form or a request: decoded in processes of their own, kept sealed under their content's hash."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from models import photo
from models.crypto import Vault
from models.decoders import Decoders
from models.picturing import MOST_BYTES, PictureTooLarge
from models.report.collecting import MOST_PHOTOS, KeptPhoto, TooManyPhotos
from models.report.tables import PhotoMoment
from models.settings import Settings


def decoders_of(request: Request) -> Decoders:
    """The application's decoders."""
    return request.app.state.decoders


def folder_of(request: Request) -> Path:
    """Where photos of reports are kept sealed."""
    settings: Settings = request.app.state.settings
    return settings.state_dir / "reports"


def uploads_of(form: FormData, name: str = "photo") -> list[UploadFile]:
    """The files of that name that are not empty. Raises `TooManyPhotos`."""
    listed = [one for one in form.getlist(name) if isinstance(one, UploadFile) and one.size]
    if len(listed) > MOST_PHOTOS:
        raise TooManyPhotos(limit=MOST_PHOTOS)
    return listed


def read_in(uploads: Sequence[UploadFile]) -> list[bytes]:
    """What was sent. Raises `PictureTooLarge` before anything is read that is larger than any photo."""
    if any((one.size or 0) > MOST_BYTES for one in uploads):
        raise PictureTooLarge()
    return [one.file.read() for one in uploads]


def keep_pictures(
    request: Request, uploads: Sequence[UploadFile], moment: PhotoMoment = PhotoMoment.BEFORE
) -> tuple[KeptPhoto, ...]:
    """Decode and keep these photos; to be called in a thread. Raises `PictureTooLarge`, `NotAPicture`, `DecodersBusy`."""
    return tuple(keep_picture(request, sent, moment) for sent in read_in(uploads))


def keep_picture(request: Request, sent: bytes, moment: PhotoMoment = PhotoMoment.BEFORE) -> KeptPhoto:
    """The same for one."""
    made = decoders_of(request).decode(sent)
    vault: Vault = request.app.state.vault
    folder = folder_of(request)
    digest = photo.keep(folder, vault, made.picture)
    return KeptPhoto(digest, photo.keep(folder, vault, made.thumbnail), made.width, made.height, moment)


def picture(request: Request, digest: str) -> bytes:
    """A kept picture. Raises `NotFound`."""
    vault: Vault = request.app.state.vault
    return photo.fetch(folder_of(request), vault, digest)
