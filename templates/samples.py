"""Samples of every letter: what the page of previews shows, and what the tests render in each language.

All names are invented. A sample is a letter with facts; a letter has as many samples as it has ways of being said.
"""

from datetime import UTC, datetime
from typing import Any

Facts = dict[str, Any]

AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)  # half past one in Shanghai
DUE_AT = "2026-11-25T09:00:00+00:00"
LATER = "2026-11-27T10:00:00+00:00"
SECRET = "5ec2e7" * 10


def named(zh: str, en: str) -> dict[str, str]:
    """A name in both languages."""
    return {"zh": zh, "en": en}


COMMUNITY = named("新兴社区", "Xinxing Community")
STREET = named("定和街道", "Dinghe Street Office")
COMPANY = named("合家安物业", "Hejia'an")
HOUSING = named("区住房和城乡建设局", "Housing Bureau")
MARKET = named("区市场监管局", "Market Supervision")
MATTER: Facts = {
    "reference": "备2026-000012",
    "title": named("骑手通行备案", "Rider access filing"),
    "compounds": [named("和谐家园", "Harmony Homes"), named("定和小区", "Dinghe Court")],
    "line_count": 118,
    "organisation": COMMUNITY,
}
ASKING: Facts = MATTER | {"stage": named("小区与社区会签", "Neighbourhood countersign"), "due_at": DUE_AT}
LATE: Facts = ASKING | {"late": COMMUNITY, "superior": STREET, "in_stead": True}
RESULT: Facts = MATTER | {"result": "agreed", "resolution": "山协〔2026〕12号", "passes": 116, "lines_out": 2}
WHISTLE: Facts = {
    "reference": "哨2026-000003",
    "title": named("街道吹哨、部门报到", "Street whistle"),
    "compounds": [COMMUNITY],
    "line_count": 0,
    "stage": named("部门报到", "Departments report in"),
    "due_at": DUE_AT,
    "organisation": HOUSING,
    "whistle": {"report": "报2026-000123", "departments": [HOUSING, MARKET], "settle_by": "2026-12-04"},
}
TRAINING: Facts = {
    "reference": "训2026-000004",
    "title": named("培训课表", "Training timetable"),
    "compounds": [COMMUNITY],
    "line_count": 24,
    "organisation": COMMUNITY,
    "training": {"sessions": 24, "courses": 6, "sites": 4, "first_on": "2026-12-07", "last_on": "2026-12-31"},
}
PUBLISHED: Facts = {"published": 22, "moved": 1, "dropped": 1, "amends": "训2026-000005"}
WHISTLED: Facts = {name: said for name, said in WHISTLE.items() if name not in {"stage", "due_at"}}
NOT_AGREED: Facts = {"passes": 0, "lines_out": 118}
EXTENSION: Facts = ASKING | {"asker": COMMUNITY, "by": STREET}
BEHALF: Facts = ASKING | {"by": STREET}
ACCOUNT: Facts = {"organisation": COMMUNITY}
LINKED: Facts = ACCOUNT | {"link_id": "0196a000-0000-7000-8000-000000000001", "expires_at": DUE_AT}
DIGEST: Facts = ACCOUNT | {
    "told": [
        {
            "letter": "invitation",
            "facts": ASKING | {"reference": "备2026-000015", "due_at": "2026-11-27T09:00:00+00:00"},
        },
        {"letter": "reminder", "facts": ASKING | {"as_deputy": True}},
        {"letter": "reply", "facts": MATTER | {"reference": "备2026-000009", "by": COMPANY}},
        {"letter": "result", "facts": RESULT | {"reference": "备2026-000007"}},
    ]
}
QUESTIONS: Facts = {
    "organisation": COMPANY,
    "told": [
        {"letter": "question", "facts": MATTER | {"by": STREET, "organisation": COMPANY}},
        {"letter": "result", "facts": RESULT | {"organisation": COMPANY}},
    ],
}
SETTLED: Facts = ACCOUNT | {"told": [{"letter": "reminder", "facts": ASKING, "is_settled": True}, DIGEST["told"][3]]}
OF_DUTIES: Facts = ACCOUNT | {
    "told": [
        {"letter": "mail_failed", "facts": ACCOUNT | {"failing": COMMUNITY, "count": 2}},
        {"letter": "enrolment_asked", "facts": ACCOUNT | {"waiting": 3}},
    ]
}

REPORT: Facts = {
    "reference": "报2026-000123",
    "title": named("消防通道堵塞", "Blocked fire exit"),
    "compounds": [named("和谐家园", "Harmony Homes")],
    "level": "urgent",
    "organisation": COMMUNITY,
}
TASK: Facts = REPORT | {"due_at": DUE_AT}
LATE_REPORT: Facts = TASK | {"late": COMMUNITY, "superior": STREET}

SAMPLES: tuple[tuple[str, Facts], ...] = (
    ("invitation", ASKING),
    ("invitation", ASKING | {"sent_back": named("街道与部门审定", "Street and departments")}),
    ("invitation", ASKING | {"as_deputy": True}),
    ("invitation", ASKING | {"instead_of": COMMUNITY, "organisation": STREET}),
    ("reminder", ASKING),
    ("reminder", ASKING | {"due_at": "2026-11-24T09:00:00+00:00"}),
    ("urged", ASKING | {"by": COMPANY}),
    ("escalation", LATE | {"organisation": STREET}),
    ("escalation", LATE | {"in_stead": False}),
    ("late", LATE),
    ("late", LATE | {"in_stead": False}),
    ("handed", ASKING | {"way": "colleague", "by": COMMUNITY}),
    ("handed", ASKING | {"way": "advice", "by": COMMUNITY}),
    ("handed", ASKING | {"way": "organisation", "by": named("东方红街道", "Dongfanghong Street Office")}),
    ("advice", ASKING),
    ("answered_for_you", BEHALF | {"kind": "agree"}),
    ("answered_for_you", BEHALF | {"kind": "agree_with_conditions"}),
    ("answered_for_you", BEHALF | {"kind": "object"}),
    ("answered_for_you", BEHALF | {"kind": "abstain"}),
    ("released", MATTER | {"stage": ASKING["stage"]}),
    ("released", MATTER | {"stage": ASKING["stage"], "way": "advice"}),
    ("released", MATTER | {"stage": ASKING["stage"], "way": "place", "answered_by": STREET}),
    ("unseen", ASKING | {"unseen": COMMUNITY, "organisation": STREET}),
    ("extension_asked", ASKING | {"asker": COMMUNITY, "until": LATER, "organisation": STREET}),
    ("extension_answered", EXTENSION | {"answer": "granted"}),
    ("extension_answered", EXTENSION | {"answer": "refused"}),
    ("extension_answered", EXTENSION | {"answer": "lapsed"}),
    ("withdrawn", MATTER | {"filer": COMPANY}),
    ("question", MATTER | {"by": STREET, "organisation": COMPANY}),
    ("reply", MATTER | {"by": COMPANY}),
    ("result", RESULT),
    ("invitation", TRAINING | {"stage": named("课表会签", "Parties countersign"), "due_at": DUE_AT}),
    ("result", TRAINING | {"result": "agreed", "resolution": "山协〔2026〕14号", "outcome": PUBLISHED}),
    (
        "result",
        TRAINING
        | {"result": "agreed", "resolution": "山协〔2026〕14号", "outcome": PUBLISHED | {"moved": 5, "amends": ""}},
    ),
    ("result", TRAINING | {"result": "refused", "resolution": "山协〔2026〕15号"}),
    ("result", TRAINING | {"result": "returned", "resolution": ""}),
    (
        "copy",
        TRAINING | {"moment": "end", "result": "agreed", "resolution": "山协〔2026〕14号", "outcome": PUBLISHED},
    ),
    ("training_published", TRAINING | {"sessions": 6, "first_on": "2026-12-08", "last_on": "2026-12-30"}),
    ("result", RESULT | {"result": "refused"} | NOT_AGREED),
    ("result", RESULT | {"result": "returned", "resolution": ""} | NOT_AGREED),
    ("copy", MATTER | {"moment": "opening"}),
    ("copy", RESULT | {"moment": "end"}),
    ("copy", RESULT | {"moment": "end", "result": "refused"} | NOT_AGREED),
    ("invitation", WHISTLE),
    ("reminder", WHISTLE),
    ("handed", WHISTLE | {"way": "colleague", "by": HOUSING}),
    ("unseen", WHISTLE | {"unseen": HOUSING, "organisation": STREET}),
    ("question", WHISTLED | {"by": HOUSING, "organisation": STREET}),
    ("withdrawn", WHISTLED | {"filer": STREET}),
    ("result", WHISTLED | {"result": "agreed", "resolution": "山协〔2026〕13号"}),
    ("result", WHISTLED | {"result": "refused", "resolution": "山协〔2026〕13号"}),
    ("result", WHISTLED | {"result": "returned", "resolution": "", "organisation": STREET}),
    ("copy", WHISTLED | {"moment": "end", "result": "agreed", "resolution": "山协〔2026〕13号"}),
    ("report_task", TASK | {"way": "file"}),
    ("report_task", TASK | {"way": "settle", "organisation": COMPANY}),
    ("report_task", TASK | {"way": "check", "level": "high"}),
    ("report_task", TASK | {"way": "returned", "level": "ordinary"}),
    ("report_task", TASK | {"way": "reopened", "organisation": COMPANY}),
    ("report_task", TASK | {"way": "sent_back", "organisation": COMPANY}),
    ("report_task", TASK | {"way": "parking"}),
    ("report_task", TASK | {"way": "unparked", "organisation": COMPANY}),
    ("report_task", TASK | {"way": "bound", "organisation": HOUSING}),
    ("report_task", TASK | {"way": "not_bound", "organisation": STREET}),
    ("report_escalation", LATE_REPORT | {"clock": "triage", "organisation": STREET}),
    ("report_escalation", LATE_REPORT | {"clock": "take_up", "organisation": STREET}),
    ("report_escalation", LATE_REPORT | {"clock": "settle", "organisation": STREET}),
    ("report_escalation", LATE_REPORT | {"clock": "check", "organisation": STREET}),
    ("report_late", LATE_REPORT | {"clock": "settle"}),
    ("report_parked", REPORT | {"answer": "granted", "until": LATER, "organisation": COMPANY}),
    ("report_parked", REPORT | {"answer": "refused", "until": LATER, "organisation": COMPANY}),
    ("digest", DIGEST),
    ("digest", QUESTIONS),
    ("digest", SETTLED),
    ("digest", OF_DUTIES),
    ("account_invitation", LINKED),
    ("password_reset", LINKED),
    ("password_changed", ACCOUNT | {"changed_at": DUE_AT}),
    ("deputy_appointed", ACCOUNT | {"starts_at": DUE_AT, "ends_at": "2026-12-02T16:00:00+00:00"}),
    (
        "deputy_appointed",
        ACCOUNT | {"starts_at": DUE_AT, "ends_at": "2026-12-02T16:00:00+00:00", "is_cancelled": True},
    ),
    ("unreached", ACCOUNT | {"unreached": [COMMUNITY]}),
    ("unreached", ACCOUNT | {"unreached": [COMMUNITY] * 9}),
    ("mail_failed", ACCOUNT | {"failing": COMMUNITY, "count": 2}),
    ("enrolment_asked", ACCOUNT | {"waiting": 1}),
    ("enrolment_asked", ACCOUNT | {"waiting": 12, "as_deputy": True}),
    ("seats_handed_over", ACCOUNT | {"seats": 3, "drafts": 1, "duties": 0}),
)
