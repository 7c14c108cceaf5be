"""Whether recordings are heard by a machine here, and which."""

from jiesu.core import environment
from jiesu.followup.sound import hearing


def available() -> str:
    """Return why nothing is transcribed, as a sentence for people; empty when there is an engine."""
    folder = environment.speech_model()
    if folder is None and environment.speech_service() is not None:
        return ""
    if folder is None:
        return "没有装语音模型，录音由人来听、来标；要自动转写，见运行手册“录音”。"
    return hearing.missing(folder)
