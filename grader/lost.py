"""What stands in place of an answer that counts."""


class Lost(BaseException):
    """The worker gave no answer that counts. `verdict` says what to call it."""

    verdict = "crashed"


class TimedOut(Lost):
    """No answer came in time."""

    verdict = "timed_out"


class Unfit(Lost):
    """A test asks for something that cannot cross the border: its author has to look."""

    verdict = "grader_error"
