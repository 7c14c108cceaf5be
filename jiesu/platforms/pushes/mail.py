"""E-mail by SMTP, one connection for several messages."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from jiesu.core.environment import Smtp
from jiesu.platforms.pushes.failures import TIMEOUT, Refused, Send, Unreachable

FOOT = "请登录接诉工作台办理。本邮件由系统发出，不含诉求人信息，请勿回复。"


@contextmanager
def session(server: Smtp, *, timeout: float = TIMEOUT) -> Iterator[Send]:
    """Connect and log in; give a sender.

    :raises Unreachable: the server cannot be reached, or does not let us in
    """
    try:
        smtp = _connect(server, timeout)
    except (OSError, smtplib.SMTPException) as broken:
        raise Unreachable(f"连不上邮件服务器：{_said(broken)}") from None

    def send(address: str, text: str, key: str, at: datetime) -> None:
        _send(smtp, server.sender, address, text, key, at)

    try:
        yield send
    finally:
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _connect(server: Smtp, timeout: float) -> smtplib.SMTP:
    if server.tls == "ssl":
        context = ssl.create_default_context()
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname="localhost", timeout=timeout, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname="localhost", timeout=timeout)
    try:
        if server.tls == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, smtplib.SMTPException):
        smtp.close()
        raise
    return smtp


def _send(smtp: smtplib.SMTP, sender: str, address: str, text: str, key: str, at: datetime) -> None:
    try:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = text, sender, address
        message["Date"], message["Message-ID"] = format_datetime(at), f"<{key}@jiesu.localhost>"
        message.set_content(f"{text}\n\n{FOOT}\n")
    except (ValueError, IndexError):  # a line break, or nothing that is an address
        raise Refused("邮箱地址写得不对") from None
    try:
        smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        words = f"邮件服务器不收这个地址（{code} {_text(said)}）"
        raise (Refused if code >= 500 else Unreachable)(words) from None
    except smtplib.SMTPDataError as refused:
        words = f"邮件服务器不收这封邮件（{refused.smtp_code} {_text(refused.smtp_error)}）"
        raise (Refused if refused.smtp_code >= 500 else Unreachable)(words) from None
    except (smtplib.SMTPNotSupportedError, UnicodeError):
        raise Refused("邮件服务器不支持这个地址的写法") from None
    except (OSError, smtplib.SMTPException) as broken:
        raise Unreachable(f"邮件没有发出：{_said(broken)}") from None


def _said(broken: Exception) -> str:
    if isinstance(broken, TimeoutError) or "timed out" in str(broken):
        return "等待超时"  # smtplib wraps it on some roads
    if isinstance(broken, smtplib.SMTPResponseException):
        return f"{broken.smtp_code} {_text(broken.smtp_error)}"
    return getattr(broken, "strerror", None) or str(broken) or type(broken).__name__


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
