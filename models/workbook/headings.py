"""Which column holds what: the header row is found by its words, wherever it stands and in whatever order."""

import re
from collections.abc import Mapping

from models.errors import RuleBroken
from models.rider_rules import Unreadable, clean_text
from models.words import N_
from models.workbook.scanning import SheetRow, Value

HEADER_SOUGHT_ROWS = 50  # rows with anything in them, from the top of a sheet

# Field → the words that head its column, the best first: a list may have both 手机号 and 电话.
WORDS: Mapping[str, tuple[str, ...]] = {
    "number": ("序号", "编号", "no.", "no", "number", "#", "行号"),
    "name": ("姓名", "骑手姓名", "骑手", "名字", "人员姓名", "员工姓名", "name", "rider", "ridername", "fullname"),
    "phone": (
        "手机号", "手机号码", "手机", "骑手手机号", "联系电话", "联系方式", "电话", "电话号码", "联系手机",
        "phone", "mobile", "phonenumber", "mobilenumber", "mobilephone", "telephone", "tel",
    ),
    "platform": ("平台", "所属平台", "平台名称", "配送平台", "所属公司", "platform", "company"),
    "station": ("站点", "所属站点", "站点名称", "配送站", "配送站点", "站", "网点", "station", "hub"),
    "plate": (
        "车牌号", "车牌", "车牌号码", "车辆号牌", "号牌", "电动车牌号", "车号",
        "plate", "plateno", "platenumber", "numberplate",
    ),
    "starts_on": (
        "开始日期", "起始日期", "生效日期", "有效期起", "开始时间", "起始时间", "开始",
        "startdate", "start", "from", "startson", "validfrom",
    ),
    "ends_on": (
        "结束日期", "截止日期", "终止日期", "到期日期", "失效日期", "有效期止", "结束时间", "截止时间", "结束",
        "enddate", "end", "to", "until", "endson", "validto", "validuntil",
    ),
    "note": ("备注", "说明", "note", "notes", "remark", "remarks", "comment"),
    "reasons": ("错误原因", "reasons"),  # written by us into a workbook that was wrong
}  # fmt: skip
REQUIRED = ("name", "phone", "platform")
RIDER_FIELDS = ("name", "phone", "platform", "station", "plate", "starts_on", "ends_on", "note")

_FIELD_OF = {word: (field, rank) for field, words in WORDS.items() for rank, word in enumerate(words)}
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
_TOTAL = re.compile(
    r"(?:本页)?(?:合计|总计|小计|共计|总数|总人数|总共)|共[0-9]+(?:人|名|条)|(?:grand)?(?:sub)?total", re.IGNORECASE
)
_EXAMPLES = frozenset({"示例", "例", "样例", "范例", "例子", "example", "sample"})


class NoHeader(RuleBroken):
    """No sheet has a row that names at least a rider's name or phone and one thing more."""

    sentence = N_(
        "No sheet of this workbook has a header row with columns such as 姓名, 手机号, 平台. Start from the template."
    )
    status = 422


class ColumnMissing(RuleBroken):
    """The header row lacks columns that every list must have."""

    sentence = N_("The header in row {row} of sheet {sheet} lacks {columns}. Add it, or start from the template.")
    status = 422


def heading(value: Value | None) -> str:
    """The words of a heading without case, spaces, stars and what stands in brackets."""
    if value is None or isinstance(value, Unreadable):
        return ""
    return re.sub(r"[\s*:_]", "", _ASIDE.sub("", clean_text(str(value)))).casefold()


def _field_of(value: Value) -> tuple[str, int]:
    """Find the field that a heading names, whole or in one of its parts (姓名/Name), and how good its word is."""
    parts = re.split(r"[/|\n、]", value) if isinstance(value, str) else []
    words = (heading(value), *map(heading, parts))
    return next((_FIELD_OF[word] for word in words if word in _FIELD_OF), ("", 0))


def find_columns(row: SheetRow) -> dict[str, int]:
    """Field → column of a row that may be the header; empty where the row is none."""
    found: dict[str, tuple[int, int]] = {}
    for column, value in sorted(row.values.items()):
        field, rank = _field_of(value)
        if field and (field not in found or rank < found[field][0]):
            found[field] = (rank, column)
    if len(found) < 2 or not found.keys() & {"name", "phone"}:  # noqa: PLR2004 - one word alone may be a title
        return {}
    return {field: column for field, (_, column) in found.items()}


def require_columns(columns: Mapping[str, int], sheet: str, row: int, has_period: bool) -> None:
    """Raise `ColumnMissing`, naming every column that is needed; dates are where the filing has no period."""
    needed = REQUIRED if has_period else (*REQUIRED, "starts_on", "ends_on")
    missing = [WORDS[field][0] for field in needed if field not in columns]
    if missing:
        raise ColumnMissing(row=row, sheet=sheet, columns="、".join(missing))


def is_rider(row: SheetRow, columns: Mapping[str, int]) -> bool:
    """Tell a rider's row from a total, an example, a numbered blank or a remark below the list."""
    if not any(row.values.get(columns.get(field, 0)) for field in RIDER_FIELDS):
        return False
    first = row.values[min(row.values)]
    words = {heading(first), heading(row.values.get(columns.get("number", 0)))}
    if words & _EXAMPLES:
        return False
    return not any(_TOTAL.match(word) for word in words) or _has_phone(row, columns)


def _has_phone(row: SheetRow, columns: Mapping[str, int]) -> bool:
    return len(re.sub("[^0-9]", "", heading(row.values.get(columns["phone"])))) >= 11  # noqa: PLR2004 - digits of one
