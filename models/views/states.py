"""What states, letters, parties, roles and acts about people are called (msgids): once, for pages and for what is taken out."""

from typing import Any

from models.consultation.tables import OpinionKind
from models.filing.tables import LineStatus
from models.matter import MatterStatus
from models.notice.tables import Letter, NoticeStatus
from models.officer import Role
from models.protocol.schema import Party
from models.reach import Gap
from models.staff_act import StaffActKind
from models.training.tables import EventStatus
from models.words import N_

MATTERS: dict[MatterStatus, str] = {
    MatterStatus.SUBMITTED: N_("Submitted"),
    MatterStatus.CONSULTING: N_("In consultation"),
    MatterStatus.DECIDED: N_("Decided, taking effect"),
    MatterStatus.AGREED: N_("Agreed"),
    MatterStatus.REFUSED: N_("Refused"),
    MatterStatus.RETURNED: N_("Returned to the filer"),
    MatterStatus.WITHDRAWN: N_("Withdrawn by the filer"),
}
LINES: dict[LineStatus, str] = {
    LineStatus.FILED: N_("In consultation"),
    LineStatus.DROPPED: N_("Taken out by the filer"),
    LineStatus.EXCEPTED: N_("Excepted"),
    LineStatus.REFUSED: N_("Refused"),
    LineStatus.PASSED: N_("Pass issued"),
    LineStatus.WITHDRAWN: N_("Withdrawn by the filer"),
}
EVENTS: dict[EventStatus, str] = {
    EventStatus.PROPOSED: N_("Proposed"),
    EventStatus.PUBLISHED: N_("Published"),
    EventStatus.CANCELLED: N_("Cancelled"),
    EventStatus.DROPPED: N_("Not held"),
    EventStatus.HELD: N_("Was held"),
}
OPINIONS: dict[OpinionKind, str] = {
    OpinionKind.AGREE: N_("Agree"),
    OpinionKind.AGREE_WITH_CONDITIONS: N_("Agree with conditions"),
    OpinionKind.OBJECT: N_("Object"),
    OpinionKind.ABSTAIN: N_("Abstain"),
}
NOTICES: dict[NoticeStatus, str] = {  # the words of GOV.UK Notify
    NoticeStatus.CREATED: N_("Created"),
    NoticeStatus.SENDING: N_("Sending"),
    NoticeStatus.DELIVERED: N_("Delivered"),
    NoticeStatus.TEMPORARY_FAILURE: N_("Temporary failure"),
    NoticeStatus.PERMANENT_FAILURE: N_("Permanent failure"),
    NoticeStatus.TECHNICAL_FAILURE: N_("Technical failure"),
    NoticeStatus.CANCELLED: N_("Not needed any more"),
}
LETTERS: dict[Letter, str] = {
    Letter.INVITATION: N_("Invitation"),
    Letter.REMINDER: N_("Reminder"),
    Letter.ESCALATION: N_("Escalation"),
    Letter.LATE: N_("Notice of lateness"),
    Letter.COPY: N_("Copy"),
    Letter.RESULT: N_("Result"),
    Letter.HANDED: N_("Handed on"),
    Letter.ADVICE: N_("Advice"),
    Letter.URGED: N_("Urging"),
    Letter.QUESTION: N_("Question"),
    Letter.REPLY: N_("Reply"),
    Letter.ANSWERED_FOR_YOU: N_("Recorded on behalf"),
    Letter.RELEASED: N_("No longer asked"),
    Letter.WITHDRAWN: N_("Withdrawal"),
    Letter.UNSEEN: N_("Not looked at"),
    Letter.EXTENSION_ASKED: N_("Request for more time"),
    Letter.EXTENSION_ANSWERED: N_("Answer about more time"),
    Letter.ACCOUNT_INVITATION: N_("Account invitation"),
    Letter.PASSWORD_RESET: N_("New password"),
    Letter.PASSWORD_CHANGED: N_("Password changed"),
    Letter.DEPUTY_APPOINTED: N_("Appointment as deputy"),
    Letter.SEATS_HANDED_OVER: N_("Work handed over"),
    Letter.UNREACHED: N_("Nobody there"),
    Letter.MAIL_FAILED: N_("Letters do not arrive"),
    Letter.REPORT_TASK: N_("Report to act on"),
    Letter.REPORT_ESCALATION: N_("Report that is late"),
    Letter.REPORT_LATE: N_("Notice of a late report"),
    Letter.REPORT_PARKED: N_("Answer about parking"),
    Letter.ENROLMENT_ASKED: N_("Riders to meet"),
    Letter.TRAINING_PUBLISHED: N_("Sessions published"),
    Letter.DIGEST: N_("Digest"),
}
STAFF_ACTS: dict[StaffActKind, str] = {
    StaffActKind.ORGANISATION_ADDED: N_("{actor} added the organisation."),
    StaffActKind.ORGANISATION_CHANGED: N_("{actor} changed the organisation."),
    StaffActKind.OFFICER_INVITED: N_("{actor} invited {officer}."),
    StaffActKind.OFFICER_CHANGED: N_("{actor} changed name, role or language of {officer}."),
    StaffActKind.OFFICER_DEACTIVATED: N_("{actor} closed the account of {officer}."),
    StaffActKind.OFFICER_REACTIVATED: N_("{actor} opened the account of {officer} again."),
    StaffActKind.SECOND_FACTOR_RESET: N_("{actor} removed the second factor of {officer}."),
    StaffActKind.LINK_SENT: N_("{actor} had a link for a password sent to {officer}."),
    StaffActKind.PASSWORD_SET_BY_LINK: N_("{officer} chose a password with a link from a letter."),
    StaffActKind.SINGLE_SIGN_ON_LINKED: N_("{officer} logged in by single sign-on for the first time."),
    StaffActKind.DEPUTY_APPOINTED: N_("{actor} appointed {other} as deputy of {officer}."),
    StaffActKind.ABSENCE_CANCELLED: N_("{actor} cancelled an absence of {officer}; {other} no longer stands in."),
    StaffActKind.SEATS_HANDED_OVER: N_("{actor} handed over to {other} what {officer} had in hand."),
    StaffActKind.LETTER_SENT_AGAIN: N_("{actor} had a letter to {officer} sent again."),
    StaffActKind.MAILBOX_MENDED: N_("{actor} said that the mailbox of {officer} is mended."),
    StaffActKind.ROOM_ADDED: N_("{actor} added a chat room."),
    StaffActKind.ROOM_SWITCHED_OFF: N_("{actor} switched a chat room off."),
    StaffActKind.ROOM_SWITCHED_ON: N_("{actor} switched a chat room on."),
}
GAPS: dict[Gap, str] = {
    Gap.EMPTY: N_("No officer who may act. Invite one, or let a reader act."),
    Gap.AWAY: N_("All are away, and whoever stands in is away too or has left. Enter another deputy."),
    Gap.UNDELIVERABLE: N_("Letters to all who are there come back. Put the e-mail addresses right."),
}
PARTIES: dict[Party, str] = {
    Party.PROPERTY: N_("Property company"),
    Party.COMMUNITY: N_("Community"),
    Party.COUNCIL: N_("Resident council"),
    Party.STREET: N_("Street office"),
    Party.DEPARTMENT: N_("Departments"),
}  # in the order in which a filing comes to them
ROLES: dict[Role, str] = {
    Role.READER: N_("Reader: reads and comments"),
    Role.OFFICER: N_("Officer: acts for the organisation"),
    Role.MANAGER: N_("Manager: acts, and looks after the organisation's officers"),
}

# By kind: words of different kinds may be spelled alike.
WORDS: dict[type, dict[Any, str]] = {
    MatterStatus: MATTERS,
    LineStatus: LINES,
    OpinionKind: OPINIONS,
    Party: PARTIES,
    Role: ROLES,
    NoticeStatus: NOTICES,
    Letter: LETTERS,
}
