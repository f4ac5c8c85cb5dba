"""One document, two formats: JSON as the standard has it, and the XML that it is the mapping of (the Spark convention)."""

import json
import re
from typing import Any, cast
from xml.etree.ElementTree import Element, SubElement, tostring

ITEMS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "attributes": "attribute",
}  # the name of a list → that of its members
MEDIA_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def written(form: str, name: str, document: Any) -> bytes:
    """The document in `form` ("xml" or "json"); `name` is its root element. UTF-8."""
    if form == "json":
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    root = Element(name)
    _fill(root, document)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8", xml_declaration=False)


def _fill(element: Element, value: Any) -> None:
    """A mapping becomes elements, a list as many of its member's name, nothing stays empty."""
    if isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            _fill(SubElement(element, name), one)
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            _fill(SubElement(element, ITEMS[element.tag]), one)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("\ufffd", str(value))
