"""Comments 评论, questions to the filer and their replies: what is said about a matter beside opinions.

The words stand in their own row; the record holds their digest, and letters only say that there are some (decision 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import matter as matters
from models.base import Base, uuid7
from models.consultation import seats, telling
from models.consultation.acting import check_words, digest_of
from models.consultation.telling import Telling
from models.district import Organisation, get_organisation
from models.errors import NotFound, RuleBroken
from models.matter import Act, Matter, visible
from models.notice.tables import Letter
from models.officer import Identity, Officer, acting_body, check_may_act
from models.protocol.schema import Title
from models.record import Actor
from models.words import N_

MOST_COMMENTS = 500  # of one matter: beyond that, a meeting settles more


class CommentKind(StrEnum):
    """What is said, and to whom."""

    COMMENT = "comment"  # to everybody who may read the matter
    QUESTION = "question"  # to the filer, who is told by letter
    REPLY = "reply"  # of the filer, to the one who asked


class NobodyToAsk(RuleBroken):
    """A question goes to the filer."""

    sentence = N_("Your own organisation filed this matter, so there is nobody to ask. Write a comment instead.")


class OnlyFilerReplies(RuleBroken):
    """A question was put to the filer."""

    sentence = N_("Only the organisation that filed the matter replies to questions. Write a comment instead.")
    status = 403


class NoSuchQuestion(RuleBroken):
    """A reply names the question that it answers."""

    sentence = N_("This question is not among those of the matter. Read the page again and reply there.")
    status = 422


class TooManyComments(RuleBroken):
    """A matter that is talked about without end."""

    sentence = N_("This matter has {limit} comments already. Settle the rest in a meeting, and record what it came to.")


class Comment(Base):
    """Something said about a matter; rows are never changed. `answers_id`: the question that a reply answers."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_matter", "matter_id"), Index("ix_comment_answers", "answers_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[CommentKind]
    words: Mapped[str]
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("comment.id"))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment with names. `position`: of its entry in the record; `is_open`: a question without a reply."""

    id: UUID
    kind: CommentKind
    words: str
    officer: str
    organisation: Title
    answers_id: UUID | None
    is_open: bool
    at: datetime


def add_comment(
    session: Session,
    who: Identity,
    matter_id: UUID,
    kind: CommentKind,
    words: str,
    answers_id: UUID | None,
    at: datetime,
) -> UUID:
    """Say something about a matter that `who` may read; returns the comment's id. Readers may comment, too.

    A question is told to the filer, a reply to the organisation that asked. Raises `NotFound`, `OnlyReads`,
    `WordsMissing`, `TextTooLong`, and the rules of this module.
    """
    visible(session, matter_id, who)
    check_words(words, is_needed=True)
    matter = matters.lock(session, matter_id)
    if len(session.scalars(select(Comment.id).where(Comment.matter_id == matter_id)).all()) >= MOST_COMMENTS:
        raise TooManyComments(limit=MOST_COMMENTS)
    question = _check_kind(session, who, matter, kind, answers_id)
    said = Comment(
        id=uuid7(),
        matter_id=matter_id,
        officer_id=who.officer_id,
        organisation_id=who.organisation_id,
        kind=kind,
        words=words.strip(),
        answers_id=question and question.id,
        at=at,
    )
    session.add(said)
    body = {"comment": str(said.id), "words": digest_of(said.words)} | acting_body(who)
    if question is not None:
        body["answers"] = str(question.id)
    matters.append(session, matter, Act(ENTRIES[kind], body), at, Actor(who.officer_id, who.organisation_id))
    _tell(session, matter, said, question, at)
    return said.id


ENTRIES: dict[CommentKind, str] = {
    CommentKind.COMMENT: "commented",
    CommentKind.QUESTION: "asked_filer",
    CommentKind.REPLY: "replied",
}


def _check_kind(
    session: Session, who: Identity, matter: Matter, kind: CommentKind, answers_id: UUID | None
) -> Comment | None:
    """The question that is replied to; None for anything but a reply."""
    is_filer = matter.organisation_id == who.organisation_id
    if kind is CommentKind.COMMENT:
        return None
    check_may_act(who)
    if kind is CommentKind.QUESTION:
        if is_filer:
            raise NobodyToAsk()
        return None
    if not is_filer:
        raise OnlyFilerReplies()
    question = session.get(Comment, answers_id) if answers_id else None
    if question is None or question.matter_id != matter.id or question.kind is not CommentKind.QUESTION:
        raise NoSuchQuestion()
    return question


def _tell(session: Session, matter: Matter, said: Comment, question: Comment | None, at: datetime) -> None:
    """A letter that there is a question or a reply; what it says is read on the page."""
    if said.kind is CommentKind.COMMENT:
        return
    by = get_organisation(session, said.organisation_id)
    facts = telling.facts_of(session, matter, seats.protocol_of_matter(session, matter))
    facts["by"] = telling.titled(by.name)
    letter = Letter.QUESTION if question is None else Letter.REPLY
    to = matter.organisation_id if question is None else question.organisation_id
    cause = str(said.id)
    telling.tell_organisation(session, matter, to, facts, Telling(letter, cause), cause, at)


def comments_of(session: Session, matter_id: UUID) -> Sequence[CommentView]:
    """What was said about a matter, oldest first."""
    query = (
        select(Comment, Officer.name, Organisation)
        .join(Officer, Comment.officer_id == Officer.id)
        .join(Organisation, Comment.organisation_id == Organisation.id)
        .where(Comment.matter_id == matter_id)
        .order_by(Comment.id)
    )
    rows = session.execute(query).all()
    replied = {one.answers_id for one, _, _ in rows if one.answers_id}
    return [
        CommentView(
            id=one.id,
            kind=one.kind,
            words=one.words,
            officer=officer,
            organisation=organisation.name,
            answers_id=one.answers_id,
            is_open=one.kind is CommentKind.QUESTION and one.id not in replied,
            at=one.at,
        )
        for one, officer, organisation in rows
    ]


def comment_of(session: Session, who: Identity, matter_id: UUID, comment_id: UUID) -> CommentView:
    """One comment of a matter that `who` may read. Raises `NotFound`."""
    visible(session, matter_id, who)
    found = next((one for one in comments_of(session, matter_id) if one.id == comment_id), None)
    if found is None:
        raise NotFound()
    return found
