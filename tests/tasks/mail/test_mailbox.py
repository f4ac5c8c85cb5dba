"""Letters into the mailbox under the state folder, and which transport the settings choose."""

from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

from models.base import uuid7
from models.mailbox import Message, folder_under, list_letters, read_letter
from models.settings import Settings
from tasks.mail.choosing import choose_ways
from tasks.mail.delivering import Later, Sent, deliver
from tasks.mail.mailbox import MailboxTransport
from tasks.mail.sendgrid_mail import SendGridTransport
from tests.fake_sendgrid import KEY, fake_sendgrid


def a_message(notice_id: UUID | None = None, subject: str = "请提出意见") -> Message:
    return Message(
        notice_id or uuid7(),
        "officer@dinghe.example",
        subject,
        "文字\n",
        "<p>文字</p>",
        "zh",
        "invitation",
        datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
    )


def test_a_letter_is_kept_and_read_back(tmp_path):
    message = a_message()
    [outcome] = deliver(MailboxTransport(tmp_path / "mailbox"), [message])
    assert isinstance(outcome, Sent)
    assert (outcome.receipt.provider, outcome.receipt.message_id) == ("mailbox", str(message.notice_id))
    assert read_letter(tmp_path / "mailbox", message.notice_id) == message


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path):
    (tmp_path / "mailbox").write_text("a file stands where the folder should be")
    [outcome] = deliver(MailboxTransport(tmp_path / "mailbox"), [a_message()])
    assert isinstance(outcome, Later)
    assert "cannot be written" in outcome.reason


def test_without_a_key_letters_go_to_the_mailbox_of_the_state_folder(tmp_path):
    message = a_message()
    deliver(choose_ways(Settings(state_dir=tmp_path, sendgrid_api_key="")).of(message.to), [message])
    assert list_letters(folder_under(tmp_path), 1) == [message]


def test_with_a_key_letters_go_to_the_host_that_the_settings_name(tmp_path):
    with fake_sendgrid() as server:
        settings = Settings(
            state_dir=tmp_path, sendgrid_api_key=KEY, sendgrid_host=server.host + "/", mail_from="post@shanyang.example"
        )
        with closing(choose_ways(settings)) as ways:
            transport = ways.of(a_message().to)
            assert isinstance(transport, SendGridTransport)
            assert isinstance(deliver(transport, [a_message()])[0], Sent)
        assert server.taken[0].body["from"] == {"email": "post@shanyang.example"}
    assert not folder_under(tmp_path).exists()
