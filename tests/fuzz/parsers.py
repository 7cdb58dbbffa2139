"""Every parser that reads bytes or files from outside."""

from tests.fuzz.files import FILES
from tests.fuzz.lines import LINES
from tests.fuzz.payloads import PAYLOADS

PARSERS = (*LINES, *PAYLOADS, *FILES)
