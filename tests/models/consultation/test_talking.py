"""Urging, comments, questions, drafts, on behalf and in bulk: what each does, and what each refuses."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from models import attachment, record
from models.attachment import NotAnAttachmentKind, attach, attachments_of, make_ready, safe_name
from models.comment import (
    CommentKind,
    NobodyToAsk,
    NoSuchQuestion,
    OnlyFilerReplies,
    add_comment,
    comments_of,
)
from models.consultation.acting import WordsMissing
from models.consultation.drafting import DraftWords, draft_of, save_draft
from models.consultation.in_bulk import MOST_IN_BULK, TooManyInBulk, agree_in_bulk, parts
from models.consultation.on_behalf import (
    AnsweredThemselves,
    Evidence,
    EvidenceFromFuture,
    EvidenceKind,
    EvidenceMissing,
    NotAnAttachment,
    PaperMissing,
    give_on_behalf,
    may_record_for,
)
from models.consultation.opinions import Draft, StageSettled, TextTooLong
from models.consultation.tables import Opinion, OpinionKind, Seat, SeatStatus
from models.consultation.urging import NobodyAwaited, UrgedAlready, urge
from models.errors import ChangedMeanwhile, NotAllowed, NotFound
from models.matter import Matter
from models.notice.tables import Letter, Notice
from models.officer import OnlyReads, Role
from models.picturing import pictures_of

AGREE = Draft(OpinionKind.AGREE)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def matter_id(any_make, world):
    filed = any_make.filing(any_make.identity(world.officers[world.company.id]), [world.compound])
    any_make.open(filed.matter_id)
    return filed.matter_id


@pytest.fixture
def who(any_make, world):
    return lambda name: any_make.identity(world.officers[getattr(world, name).id])


@pytest.fixture
def evidence(at):
    return Evidence(EvidenceKind.PHONE, "王主任", "同意，无意见", at.date())


def seat_of(make, matter_id, organisation):
    with make.database.reading() as session:
        query = select(Seat).where(Seat.matter_id == matter_id, Seat.organisation_id == organisation.id)
        return session.scalars(query).one()


def entries(make, matter_id):
    with make.database.reading() as session:
        chain = record.entries(session, matter_id)
        assert record.first_broken(chain) is None
        return [one.kind for one in chain]


def letters(make, letter):
    with make.database.reading() as session:
        return session.scalars(select(Notice).where(Notice.letter == letter)).all()


def reading(who):
    return replace(who, role=Role.READER)


# Urging


def test_the_filer_urges_those_who_are_awaited_once_in_four_hours(any_make, matter_id, who, at):
    write = any_make.database.write
    write(urge, who("company"), matter_id, at)
    assert {one.facts["organisation"]["en"] for one in letters(any_make, Letter.URGED)} == {
        "Xinxing",
        "Xinxing Council",
    }
    assert entries(any_make, matter_id)[-1] == "urged_on"
    with pytest.raises(UrgedAlready) as refused:
        write(urge, who("council"), matter_id, at + timedelta(hours=3, minutes=59))
    assert refused.value.said.values["when"] == at + timedelta(hours=4)
    write(urge, who("council"), matter_id, at + timedelta(hours=4))
    assert len(letters(any_make, Letter.URGED)) == 3  # the council urges the community, and not itself


def test_a_superior_urges_and_a_stranger_finds_nothing(any_make, matter_id, who, at, world):
    street = who("street")
    any_make.database.write(urge, street, matter_id, at)
    stranger = any_make.neighbourhood()
    with pytest.raises(NotFound):
        any_make.database.write(urge, any_make.identity(stranger.officers[stranger.street.id]), matter_id, at)


def test_a_reader_does_not_urge(any_make, matter_id, who, at):
    with pytest.raises(OnlyReads):
        any_make.database.write(urge, reading(who("company")), matter_id, at)


def test_nobody_is_urged_when_nobody_else_is_awaited(any_make, matter_id, who, at, world):
    any_make.say(who("council"), seat_of(any_make, matter_id, world.council))
    with pytest.raises(NobodyAwaited):
        any_make.database.write(urge, who("community"), matter_id, at)


# Comments


def test_a_question_goes_to_the_filer_and_the_reply_to_the_one_who_asked(any_make, matter_id, who, at):
    write = any_make.database.write
    asked = write(add_comment, who("community"), matter_id, CommentKind.QUESTION, " 第3人的照片？ ", None, at)
    assert [one.facts["by"]["en"] for one in letters(any_make, Letter.QUESTION)] == ["Xinxing"]
    with any_make.database.reading() as session:
        assert [one.is_open for one in comments_of(session, matter_id)] == [True]
    write(add_comment, who("company"), matter_id, CommentKind.REPLY, "已补。", asked, at)
    with any_make.database.reading() as session:
        said = comments_of(session, matter_id)
    assert [(one.words, one.is_open, one.answers_id) for one in said] == [
        ("第3人的照片？", False, None),
        ("已补。", False, asked),
    ]
    assert [one.facts["organisation"]["en"] for one in letters(any_make, Letter.REPLY)] == ["Xinxing"]
    assert entries(any_make, matter_id)[-2:] == ["asked_filer", "replied"]


def test_the_words_of_a_comment_are_in_no_record_and_no_letter(any_make, matter_id, who, at):
    any_make.database.write(add_comment, who("street"), matter_id, CommentKind.QUESTION, "王小明的电话？", None, at)
    with any_make.database.reading() as session:
        told = [str(one.body) for one in record.entries(session, matter_id)]
    assert not any("王小明" in one for one in [*told, *(str(one.facts) for one in letters(any_make, Letter.QUESTION))])


def test_a_reader_comments_and_asks_nothing(any_make, matter_id, who, at):
    write, reader = any_make.database.write, reading(who("community"))
    write(add_comment, reader, matter_id, CommentKind.COMMENT, "好", None, at)
    with pytest.raises(OnlyReads):
        write(add_comment, reader, matter_id, CommentKind.QUESTION, "为何？", None, at)


@pytest.mark.parametrize(
    ("name", "kind", "words", "refusal"),
    [
        ("company", CommentKind.QUESTION, "问谁？", NobodyToAsk),
        ("community", CommentKind.REPLY, "答", OnlyFilerReplies),
        ("company", CommentKind.REPLY, "答", NoSuchQuestion),
        ("community", CommentKind.COMMENT, "  ", WordsMissing),
        ("community", CommentKind.COMMENT, "长" * 2001, TextTooLong),
    ],
)
def test_what_cannot_be_said(any_make, matter_id, who, at, name, kind, words, refusal):
    with pytest.raises(refusal):
        any_make.database.write(add_comment, who(name), matter_id, kind, words, None, at)


def test_a_stranger_comments_on_nothing(any_make, matter_id, at):
    other = any_make.neighbourhood()
    stranger = any_make.identity(other.officers[other.community.id])
    with pytest.raises(NotFound):
        any_make.database.write(add_comment, stranger, matter_id, CommentKind.COMMENT, "?", None, at)


# Drafts


def test_a_draft_is_its_officers_own_and_goes_with_the_opinion(any_make, matter_id, who, at, world):
    seat, mine = seat_of(any_make, matter_id, world.community), who("community")
    words = DraftWords(None, "还在看", "", (("7, 31", "照片不清"),))
    any_make.database.write(save_draft, mine, seat.id, words, at)
    any_make.database.write(save_draft, mine, seat.id, replace(words, kind=OpinionKind.OBJECT), at)
    colleague = any_make.identity(any_make.officer(world.community))
    with any_make.database.reading() as session:
        kept = draft_of(session, mine, seat.id)
        assert kept is not None
        assert kept.words == replace(words, kind=OpinionKind.OBJECT)
        assert draft_of(session, colleague, seat.id) is None
    assert "draft" not in " ".join(entries(any_make, matter_id))
    any_make.say(mine, seat)
    with any_make.database.reading() as session:
        assert draft_of(session, mine, seat.id) is None


def test_drafts_are_refused_where_no_opinion_could_follow(any_make, matter_id, who, at, world):
    seat = seat_of(any_make, matter_id, world.community)
    write = any_make.database.write
    with pytest.raises(NotAllowed):
        write(save_draft, who("council"), seat.id, DraftWords(), at)
    with pytest.raises(TextTooLong):
        write(save_draft, who("community"), seat.id, DraftWords(reason="长" * 2001), at)
    any_make.say(who("community"), seat)
    any_make.say(who("council"), seat_of(any_make, matter_id, world.council))
    with pytest.raises(StageSettled):
        write(save_draft, who("community"), seat.id, DraftWords(), at)


# On behalf


def test_a_superior_records_with_evidence_and_the_party_overrides(any_make, matter_id, who, at, world, evidence):
    seat, write = seat_of(any_make, matter_id, world.council), any_make.database.write
    acted = write(give_on_behalf, who("community"), seat.id, AGREE, evidence, seat.version, at)
    assert not acted.is_stage_settled
    with any_make.database.reading() as session:
        said = session.scalars(select(Opinion).where(Opinion.recorded_by_id == world.community.id)).one()
    assert said.evidence == evidence.to_data()
    assert [one.facts["kind"] for one in letters(any_make, Letter.ANSWERED_FOR_YOU)] == ["agree"]
    assert "recorded_on_behalf" in entries(any_make, matter_id)
    any_make.say(who("council"), seat, Draft(OpinionKind.ABSTAIN))
    after = seat_of(any_make, matter_id, world.council)
    assert (after.answer, after.status) == (OpinionKind.ABSTAIN, SeatStatus.ANSWERED)
    with pytest.raises(AnsweredThemselves):
        write(give_on_behalf, who("community"), seat.id, AGREE, evidence, None, at)


def test_what_was_recorded_may_decide_the_stage(any_make, matter_id, who, at, world, evidence):
    any_make.say(who("community"), seat_of(any_make, matter_id, world.community))
    seat = seat_of(any_make, matter_id, world.council)
    assert any_make.database.write(
        give_on_behalf, who("community"), seat.id, AGREE, evidence, None, at
    ).is_stage_settled


@pytest.mark.parametrize("name", ["council", "company", "housing"])
def test_only_the_superior_or_the_lead_department_records(any_make, matter_id, who, at, world, evidence, name):
    seat = seat_of(any_make, matter_id, world.council)
    with pytest.raises((NotAllowed, NotFound)):
        any_make.database.write(give_on_behalf, who(name), seat.id, AGREE, evidence, None, at)
    assert seat_of(any_make, matter_id, world.council).answer is None


@pytest.mark.parametrize(
    ("by", "about", "may"),
    [
        ("lead", "street", True),
        ("street", "community", True),
        ("community", "council", True),
        ("community", "company", True),
        ("community", "street", False),
        ("community", "housing", False),
        ("council", "company", False),
        ("community", "community", False),
    ],
)
def test_one_records_for_those_below_and_a_community_for_those_on_its_ground(
    any_make, matter_id, who, world, by, about, may
):
    with any_make.database.reading() as session:
        matter = session.get_one(Matter, matter_id)
        assert may_record_for(session, who(by), matter, getattr(world, about).id) is may


def test_a_community_records_for_nobody_in_a_matter_of_another(any_make, matter_id, world):
    other = any_make.neighbourhood()
    foreign = any_make.identity(other.officers[other.community.id])
    with any_make.database.reading() as session:
        assert not may_record_for(session, foreign, session.get_one(Matter, matter_id), world.company.id)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"said_by": " "}, EvidenceMissing),
        ({"words": ""}, EvidenceMissing),
        ({"kind": EvidenceKind.PAPER}, PaperMissing),
    ],
)
def test_evidence_that_shows_nothing(any_make, matter_id, who, at, world, evidence, change, refusal):
    seat = seat_of(any_make, matter_id, world.council)
    with pytest.raises(refusal):
        any_make.database.write(give_on_behalf, who("community"), seat.id, AGREE, replace(evidence, **change), None, at)


def test_evidence_of_tomorrow_or_of_another_matter(any_make, matter_id, who, at, world, evidence):
    seat, write = seat_of(any_make, matter_id, world.council), any_make.database.write
    tomorrow = replace(evidence, said_on=at.date() + timedelta(days=1))
    with pytest.raises(EvidenceFromFuture):
        write(give_on_behalf, who("community"), seat.id, AGREE, tomorrow, None, at)
    other = replace(evidence, attachment_ids=(seat.id,))
    with pytest.raises(NotAnAttachment):
        write(give_on_behalf, who("community"), seat.id, AGREE, other, None, at)
    with pytest.raises(ChangedMeanwhile):
        write(give_on_behalf, who("community"), seat.id, AGREE, evidence, seat.version + 1, at)


# In bulk


def test_bulk_agrees_to_what_it_may_and_says_why_not(any_make, matter_id, who, at, world):
    mine = who("community")
    second = any_make.filing(who("company"), [world.compound], seed=1)
    any_make.open(second.matter_id)
    one, two = (seat_of(any_make, each, world.community) for each in (matter_id, second.matter_id))
    foreign = seat_of(any_make, matter_id, world.council)
    any_make.say(mine, two)
    told = any_make.database.write(
        agree_in_bulk, mine, [(one.id, one.version), (two.id, two.version), (foreign.id, None)], at
    )
    assert [answer.is_agreed for answer in told] == [True, False, False]
    assert [answer.reference != "" for answer in told] == [True, True, False]
    assert seat_of(any_make, matter_id, world.community).answer is OpinionKind.AGREE
    assert foreign.answer is None
    again = any_make.database.write(agree_in_bulk, mine, [(one.id, one.version)], at)
    assert not again[0].is_agreed


def test_a_stale_seat_stops_none_of_the_others(any_make, matter_id, who, at, world):
    second = any_make.filing(who("company"), [world.compound], seed=1)
    any_make.open(second.matter_id)
    one, two = (seat_of(any_make, each, world.community) for each in (matter_id, second.matter_id))
    told = any_make.database.write(agree_in_bulk, who("community"), [(one.id, one.version + 9), (two.id, None)], at)
    assert [answer.is_agreed for answer in told] == [False, True]


def test_doubles_are_taken_once_and_too_many_are_refused(any_make, matter_id, world):
    seat = seat_of(any_make, matter_id, world.community)
    assert list(parts([(seat.id, 1), (seat.id, 1)])) == [[(seat.id, 1)]]
    with pytest.raises(TooManyInBulk):
        list(parts([(type(seat.id)(int=number), None) for number in range(MOST_IN_BULK + 1)]))


def test_a_reader_agrees_to_nothing(any_make, matter_id, who, at, world):
    with pytest.raises(OnlyReads):
        any_make.database.write(agree_in_bulk, reading(who("community")), [], at)


# Attachments


def packed(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return written.getvalue()


def heavy(*names: str) -> bytes:
    """A small file that says it unpacks to 201 MB."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "x")
        archive.writestr("xl/sheet1.xml", bytes(201 * 1024 * 1024), compresslevel=1)
    return written.getvalue()


def picture(size=(40, 30), kind="PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, kind)
    return written.getvalue()


def test_an_attachment_is_sealed_and_comes_back(any_make, matter_id, who, at, vault, tmp_path):
    readied = make_ready("C:\\scan/承诺书\u202e.exe", PDF, pictures_of)
    assert (readied.name, readied.media_type) == ("承诺书.pdf", "application/pdf")
    digest = attachment.keep(tmp_path, vault, readied)
    assert b"%PDF" not in (tmp_path / digest).read_bytes()
    added = any_make.database.write(attach, vault, who("community"), matter_id, readied, digest, at)
    with any_make.database.reading() as session:
        listed = attachments_of(session, vault, matter_id)
        kept = attachment.attachment_of(session, who("company"), matter_id, added)
    assert [(one.name, one.size) for one in listed] == [("承诺书.pdf", len(PDF))]
    assert attachment.fetch(tmp_path, vault, kept) == readied
    assert entries(any_make, matter_id)[-1] == "attached"


def test_a_stranger_reads_no_attachment(any_make, matter_id, who, at, vault):
    readied = make_ready("a.pdf", PDF, pictures_of)
    added = any_make.database.write(attach, vault, who("community"), matter_id, readied, "d" * 64, at)
    other = any_make.neighbourhood()
    stranger = any_make.identity(other.officers[other.community.id])
    with any_make.database.reading() as session, pytest.raises(NotFound):
        attachment.attachment_of(session, stranger, matter_id, added)


def test_pictures_come_out_plain_and_small():
    for kind in ("PNG", "WEBP", "JPEG"):
        readied = make_ready("x", picture((3000, 100), kind), pictures_of)
        with Image.open(io.BytesIO(readied.content)) as kept:
            assert (readied.media_type, readied.name, kept.format, max(kept.size)) == (
                "image/jpeg",
                "x.jpg",
                "JPEG",
                2400,
            )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<html><script>",
        b"PK\x03\x04broken",
        packed("hello.txt"),
        packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"),
        b"\x89PNG\r\n\x1a\n and then nothing",
        b"RIFF....WAVE",
        PDF.replace(b"%%EOF", b""),
        PDF + packed("hello.txt") + b"%%EOF",
        packed("[Content_Types].xml", "word/document.xml", "word/VBAPROJECT.BIN"),
        packed("[Content_Types].xml", "word/document.xml", *(f"word/{number}" for number in range(2000))),
        heavy("[Content_Types].xml", "xl/workbook.xml"),
    ],
)
def test_files_that_are_not_what_a_reader_opens_safely(content):
    with pytest.raises(NotAnAttachmentKind):
        make_ready("looks-fine.pdf", content, pictures_of)


def test_office_files_are_known_by_their_parts():
    assert make_ready("a.zip", packed("[Content_Types].xml", "word/document.xml"), pictures_of).name == "a.docx"
    assert make_ready("a", packed("[Content_Types].xml", "xl/workbook.xml"), pictures_of).name == "a.xlsx"


@pytest.mark.parametrize(
    ("name", "safe"), [("", "attachment.pdf"), ("../../etc/passwd", "passwd.pdf"), ("a\r\nb", "a b.pdf")]
)
def test_names_mislead_nobody(name, safe):
    assert safe_name(name, ".pdf") == safe
    assert len(safe_name("长" * 500, ".pdf")) == 120
