"""The log-ins of the demo district that a newcomer plays with: a few of its officers, all invented."""

from models.protocol.schema import Title

DEMO_PASSWORD = "wufang-demo-2026"  # noqa: S105 - of invented people, printed wherever the demo district is loaded
ADMINISTRATOR = "admin@shanyang.example"

# One for each part in the story, by e-mail address.
ROLES: dict[str, Title] = {
    "hejiaan@wuye.example": Title("物业经办人", "Property company clerk"),
    "xinxing@shequ.example": Title("社区经办人", "Community officer"),
    "xinxing@yishihui.example": Title("议事会代表", "Resident council"),
    "dinghe@jiedao.example": Title("街道经办人", "Street officer"),
    "housing@shanyang.example": Title("部门经办人", "Department officer"),
    ADMINISTRATOR: Title("区管理员", "District administrator"),
}
