"""Reads a page with a parser that is strict about tags and prints what is in it as JSON:
errors, tables by heading, texts of the drawing, links, scripts."""
import json
import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.errors, self.links, self.scripts = [], [], [], []
        self.tables, self.texts, self.tags = {}, [], set()
        self.heading, self.text = "", ""

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        self.tags.add(tag)
        if len(set(names)) != len(names):
            self.errors.append("attribute twice in <%s>" % tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.errors.append("handler %s in <%s>" % (name, tag))
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)
        self.text = ""
        if tag == "table":
            self.tables.setdefault(self.heading, [])
        elif tag == "tr":
            self.row = []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.errors.append("</%s> closes %s" % (tag, self.open[-1:]))
            return
        self.open.pop()
        if tag == "h2":
            self.heading = self.text
        elif tag in ("td", "th"):
            self.row.append(self.text)
        elif tag == "tr":
            self.tables[self.heading].append(self.row)
        elif tag == "text":
            self.texts.append(self.text)
        elif tag == "script":
            self.scripts.append(self.text)

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.errors.append("a comment: %s" % data)


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
if page.open:
    page.errors.append("left open: %s" % page.open)
json.dump({"errors": page.errors, "links": page.links, "scripts": page.scripts,
           "tables": page.tables, "texts": page.texts, "tags": sorted(page.tags)},
          sys.stdout)
