"""What a check says, in English and in Chinese."""

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str

    def say(self, language: str, *values: object) -> str:
        """Return the text in a language, with values in its braces."""
        return (self.zh if language == "zh-CN" else self.en).format(*values)


LANGUAGES = ("en", "zh-CN")
RIGHT = Words("Right.", "正确。")
WRONG = Words("Not right. ", "还不对。")
NOT_YET = Words("Not yet: put your answer in place of the dots.", "尚未作答：请把省略号换成你的答案。")
KIND = Words("Your answer is of another kind than the exercise asks for.", "答案的类型与题目要求的不符。")
SHAPE = Words("The answer has shape {}, yours has {}.", "答案的形状应为 {}，你的是 {}。")
RAISED = Words("Your function raised {}: {}", "你的函数引发了 {}：{}")
