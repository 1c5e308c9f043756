"""What people look at: one page in one file, which shows what a model learned.

It is imported when it is first used.
"""

from xpnet.report.film import Film
from xpnet.report.measuring.numbers import report_numbers
from xpnet.report.page.rendering import render
from xpnet.report.page.writing import is_page, write_page

__all__ = ["Film", "is_page", "render", "report_numbers", "write_page"]
