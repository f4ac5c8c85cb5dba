"""What is particular to a mail server: its replies, log-ins, TLS, and the letter's form."""

import datetime as dt
import ssl
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from models.mailbox import folder_under, list_letters
from models.settings import Settings
from tasks.mail.choosing import choose_ways
from tasks.mail.delivering import Later, Permanent, Sent, deliver
from tasks.mail.smtp_mail import LETTERS_A_CONNECTION, MailServer, SmtpTransport, letter_of
from tests.fake_smtp import DROP, fake_smtp
from tests.tasks.mail.test_contract import MESSAGE, SENDER


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server's certificate for this machine, which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    certificate, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return context


def send_to(url, message=MESSAGE, times=1):
    with closing(SmtpTransport(MailServer.of(url), SENDER, 2)) as transport:
        return [deliver(transport, [message])[0] for _ in range(times)]


def test_the_letter_has_both_forms_and_says_what_it_is():
    letter = letter_of(MESSAGE, SENDER)
    assert letter.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in letter.iter_parts()] == ["text/plain", "text/html"]
    assert letter["Message-ID"] == f"<{MESSAGE.notice_id}@shanyang.example>"
    assert letter["Date"] == "Mon, 23 Nov 2026 01:00:00 +0000"
    assert letter["Content-Language"] == "zh"
    assert letter.as_bytes().isascii()


@pytest.mark.parametrize(
    ("said", "is_mailbox"),
    [
        ("550 5.1.1 unknown", True),
        ("550 No such user here", True),
        ("553 sorry", True),
        ("550 5.2.1 disabled", True),
        ("554 5.7.1 Relay access denied", False),
        ("550 5.7.1 blocked by policy", False),
        ("552 too much", False),
    ],
)
def test_what_a_refused_recipient_says_of_the_mailbox(said, is_mailbox):
    with fake_smtp() as script:
        script.rcpt.append(said)
        [outcome] = send_to(f"smtp://127.0.0.1:{script.port}")
    assert outcome == Permanent(f"The mail server answered {said[:3]}: {said[4:]}", is_mailbox)


@pytest.mark.parametrize("place", ["mail", "rcpt"])
@pytest.mark.parametrize("said", ["421 4.3.2 shutting down", "452 4.2.2 full", DROP])
def test_before_the_letters_end_nothing_has_left(place, said):
    with fake_smtp() as script:
        getattr(script, place).append(said)
        [outcome, again] = send_to(f"smtp://127.0.0.1:{script.port}", times=2)
        assert isinstance(outcome, Later)
        assert isinstance(again, Sent)
        assert len(script.taken) == 1


def test_a_letter_that_is_put_off_after_its_end_comes_again():
    with fake_smtp() as script:
        script.data.append("451 4.3.0 try later")
        [outcome] = send_to(f"smtp://127.0.0.1:{script.port}")
    assert outcome == Later(None, "The mail server answered 451: 4.3.0 try later")


def test_a_connection_is_kept_for_some_letters():
    with fake_smtp() as script:
        send_to(f"smtp://127.0.0.1:{script.port}", times=LETTERS_A_CONNECTION + 1)
        assert (len(script.taken), script.connections) == (LETTERS_A_CONNECTION + 1, 2)


def test_a_log_in_is_made_and_a_refused_one_waits_without_telling_the_password():
    with fake_smtp(password="right") as script:
        assert isinstance(send_to(f"smtp://wufang:right@127.0.0.1:{script.port}")[0], Sent)
        [wrong] = send_to(f"smtp://wufang:wr%40ng@127.0.0.1:{script.port}")
        assert script.log_ins[0] == "wufang"
    assert isinstance(wrong, Later)
    assert "535" in wrong.reason
    assert "wr@ng" not in wrong.reason


def test_tls_from_the_beginning_and_by_starttls(tls):
    with fake_smtp(tls=tls) as script:
        assert isinstance(send_to(f"smtps://127.0.0.1:{script.port}")[0], Sent)
        assert script.was_secret
    with fake_smtp(tls=tls, is_starttls=True) as script:
        assert isinstance(send_to(f"smtp://127.0.0.1:{script.port}?starttls=1")[0], Sent)
        assert script.was_secret


def test_a_server_that_cannot_prove_its_name_or_speak_in_secret_gets_nothing(tls, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with fake_smtp(tls=tls) as script:
        assert isinstance(send_to(f"smtps://127.0.0.1:{script.port}")[0], Later)
        assert script.taken == []
    with fake_smtp() as script:
        assert isinstance(send_to(f"smtp://127.0.0.1:{script.port}?starttls=1")[0], Later)
        assert script.taken == []


def test_an_address_beyond_ascii_is_no_mailbox():
    with fake_smtp() as script:
        [outcome] = send_to(f"smtp://127.0.0.1:{script.port}", replace(MESSAGE, to="经办人@dinghe.example"))
    assert isinstance(outcome, Permanent)
    assert outcome.is_mailbox


def test_the_settings_lead_to_the_mail_server_and_a_sandbox_keeps_everything(tmp_path):
    with fake_smtp() as script:
        url = f"smtp://127.0.0.1:{script.port}"
        for mode, taken, kept in (("live", 1, 0), ("sandbox", 1, 1)):
            settings = Settings(state_dir=tmp_path, sendgrid_api_key="", smtp_url=url, mail_mode=mode)
            with closing(choose_ways(settings)) as ways:
                deliver(ways.of(MESSAGE.to), [MESSAGE])
            assert (len(script.taken), len(list_letters(folder_under(tmp_path), 9))) == (taken, kept)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://h?tls=1", "smtp://a b"])
def test_an_address_that_is_none_is_said_at_the_start_without_its_password(tmp_path, url):
    with pytest.raises(ValidationError, match="smtp_url"):
        Settings(state_dir=tmp_path, smtp_url=url)


def test_ports_follow_from_the_way():
    ports = [MailServer.of(one).port for one in ("smtp://a", "smtp://a?starttls=1", "smtps://a", "smtp://a:2525")]
    assert ports == [25, 587, 465, 2525]
