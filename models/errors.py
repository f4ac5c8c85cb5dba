"""Broken rules: what a person did cannot be done, said in one sentence that tells what to do."""

from typing import ClassVar

from models.words import N_, Sentence


class RuleBroken(Exception):
    """A rule said no. Subclasses name the rule; `sentence` is an English gettext message."""

    sentence: ClassVar[str] = N_("This cannot be done.")
    status: ClassVar[int] = 409

    def __init__(self, **values: object) -> None:
        self.said = Sentence(self.sentence, values)
        super().__init__(str(self.said))

    @property
    def code(self) -> str:
        """The rule's name as a word for programs, e.g. `SeatAlreadyAnswered`."""
        return type(self).__name__


class NotFound(RuleBroken):
    """Nothing of that name is there, or the asker may not see it."""

    sentence = N_("There is nothing at this address that you may see. Check the link or the reference.")
    status = 404


class NotAllowed(RuleBroken):
    """The asker is known but has no authority for this act."""

    sentence = N_("You have no authority for this. Ask your organisation's administrator.")
    status = 403


class NotLoggedIn(RuleBroken):
    """Nobody is logged in, or the token is unknown, expired or revoked."""

    sentence = N_("Log in first, or send a valid bearer token.")
    status = 401


class Invalid(RuleBroken):
    """What was sent does not have the form that is asked for."""

    sentence = N_("{detail}")
    status = 422


class ChangedMeanwhile(RuleBroken):
    """The version that the asker read is not the newest."""

    sentence = N_("This page has changed since you opened it. Read it again, then repeat what you wanted to do.")
    status = 412


class IllegalMove(RuleBroken):
    """A status change that the noun's transition table does not have."""

    sentence = N_("{noun} cannot go from {now} to {to}.")


def check_version(version: int, expected: int | None) -> None:
    """Raises `ChangedMeanwhile` where there is a newer version than the one that was read; None: whichever there is."""
    if expected is not None and version != expected:
        raise ChangedMeanwhile()


class SignNotKept(RuleBroken):
    """PostgreSQL keeps no NUL in a text; nobody types one."""

    sentence = N_("What was sent holds a sign that no text has (NUL). Take it out and send it again.")
    status = 422


class DatabaseBusy(RuleBroken):
    """Another writer held the database for longer than we wait."""

    sentence = N_("The database is busy. Nothing was saved; try again in a moment.")
    status = 503
