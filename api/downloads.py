"""Files that leave as downloads: under their own name, and kept by no cache on the way."""

from urllib.parse import quote


def saved_as(name: str) -> dict[str, str]:
    """The headers of a file to be saved under `name`, encoded where it is not plain ASCII (RFC 6266)."""
    quoted = quote(name)
    said = f'filename="{name}"' if quoted == name else f"filename*=UTF-8''{quoted}"
    return {"Content-Disposition": f"attachment; {said}", "Cache-Control": "no-store"}
