#!/usr/bin/python3
"""Renders letters with WeasyPrint: one JSON line {"file", "html"} in, one JSON line {"file", "pages"} out. Nothing is ever fetched."""
import json
import logging
import os
import sys

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def refuse(url, *_, **__):
    raise ValueError("a letter fetches nothing")


fonts = FontConfiguration()
for line in sys.stdin:
    letter = json.loads(line)
    document = HTML(string=letter["html"], url_fetcher=refuse).render(font_config=fonts)
    partial = letter["file"] + ".part"
    document.write_pdf(partial)
    # Whole or not at all: a crash leaves no half letter under the final name.
    with open(partial, "rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, letter["file"])
    print(json.dumps({"file": letter["file"], "pages": len(document.pages)}), flush=True)
