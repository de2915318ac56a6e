#!/usr/bin/python3
"""Renders letters with WeasyPrint: one JSON line {"file", "html"} in, one JSON line {"file", "pages"} out. Nothing is ever fetched.

The font is cut once a batch to the characters its letters use, so that each page is cut from a few hundred glyphs and not from 50,000: 100 letters
took 90 s without, 11 s with it.
"""
import json
import logging
import os
import subprocess
import sys
import tempfile

from fontTools import subset
from weasyprint import CSS, HTML, default_url_fetcher
from weasyprint.text.fonts import FontConfiguration

logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def cut_font(characters, path):
    """Writes the system's Chinese font with these characters alone."""
    query = ["fc-match", "-f", "%{file}\n%{index}", "WenQuanYi Zen Hei,Noto Sans CJK SC:lang=zh-cn"]
    file, index = subprocess.run(query, capture_output=True, check=True, text=True).stdout.split("\n")
    options = subset.Options(font_number=int(index), notdef_outline=True, layout_features=["*"])
    font = subset.load_font(file, options)
    cutter = subset.Subsetter(options)
    cutter.populate(text=characters)
    cutter.subset(font)
    subset.save_font(font, path, options)


def drawn(document, name):
    """Whether an element of the class stands on a page: layout may drop what does not fit."""
    return any(
        box.element is not None and box.element.get("class") == name for page in document.pages for box in page._page_box.descendants()
    )


letters = [json.loads(line) for line in sys.stdin]
with tempfile.TemporaryDirectory() as directory:
    font = os.path.join(directory, "letter.ttf")

    def fetch(url, *arguments, **options):
        if url != "file://" + font:
            raise ValueError("a letter fetches nothing")
        return default_url_fetcher(url, *arguments, **options)

    if letters:
        cut_font("".join(sorted(set("".join(letter["html"] for letter in letters)))), font)
    fonts = FontConfiguration()
    face = CSS(string=f"@font-face {{ font-family: Letter; src: url(file://{font}) }}", font_config=fonts, url_fetcher=fetch)
    for letter in letters:
        document = HTML(string=letter["html"], url_fetcher=fetch).render(font_config=fonts, stylesheets=[face])
        for name in ("window", "seal"):
            if f'class="{name}"' in letter["html"] and not drawn(document, name):
                sys.exit(f"the layout dropped the {name} of {os.path.basename(letter['file'])}: change letter.css")
        partial = letter["file"] + ".part"
        document.write_pdf(partial)
        # Whole or not at all: a crash leaves no half letter under the final name.
        with open(partial, "rb") as written:
            os.fsync(written.fileno())
        os.replace(partial, letter["file"])
        print(json.dumps({"file": letter["file"], "pages": len(document.pages)}), flush=True)
