"""Tags in a PDF: what is a heading, a paragraph, a list, in which order it is read (ISO 32000-1, §14.7 and §14.8).

reportlab draws and does not tag, so its canvas is told what each text is (`begin`, `end`), and writes the tree when the
file is closed. Headings, paragraphs and lists have their tags; lines and grounds have none, and what `artifact` wraps
is said to be none. Known limits: cells of tables are paragraphs in reading order, fields of the form have their own
names but no tag, the standard fonts are not embedded: a screen reader reads the page well, PDF/UA asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject
from reportlab.pdfgen.canvas import Canvas

#: The tag of a text that goes on with the one before it: a value after its label.
JOINED = ""
_ITEM = "LI"


class _Mark(NamedTuple):
    """One text: its tag (“LI” for an item of a list), its page from 0, its numbers on that page."""

    tag: str
    page: int
    numbers: list[int]


class _Element(PDFObject):
    """An element of the tree, written by hand: there are hundreds, and reportlab's dictionary takes its time."""

    __RefOnly__ = 1

    def __init__(self, tag: str, parent: Any, page: Any, numbers: list[int]) -> None:
        self._tag, self._parent, self._page, self._numbers = tag, parent, page, numbers

    def format(self, document: Any) -> bytes:
        places = (one.format(document).decode("ascii") for one in (self._parent, self._page))
        return "<</S/{}/P {}/Pg {}/K[{}]>>".format(self._tag, *places, " ".join(map(str, self._numbers))).encode()


class TaggedCanvas(Canvas):
    """A canvas whose texts may say what they are."""

    _doc: Any  # reportlab's document and its page in the making have no public names
    _code: list[str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._marks: list[_Mark] = []
        self._page = self._number = 0

    @property
    def pages(self) -> int:
        """How many pages are done."""
        return self._page

    def made(self, instant: datetime) -> None:
        """The day that the properties of the file tell, to the second, with its zone; without it they tell 2000."""
        minutes = int((instant.utcoffset() or timedelta()).total_seconds()) // 60
        stamp = self._doc._timeStamp
        stamp.YMDhms = instant.timetuple()[:6]
        stamp.dhh, stamp.dmm = int(minutes / 60), abs(minutes) % 60

    @contextmanager
    def marked(self, tag: str) -> Iterator[None]:
        """What is drawn inside is one text with this tag, or (`JOINED`) more of the one before it."""
        if tag == JOINED and self._marks and self._marks[-1].page == self._page:
            self._marks[-1].numbers.append(self._number)
        else:
            self._marks.append(_Mark(tag or "P", self._page, [self._number]))
        self._code.append(f"/{tag or 'P'} <</MCID {self._number}>> BDC")
        self._number += 1
        yield
        self._code.append("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn inside is no part of the text."""
        self._code.append("/Artifact BMC")
        yield
        self._code.append("EMC")

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        super().showPage()
        self._page, self._number = self._page + 1, 0

    def save(self) -> None:
        if len(self._code):
            self.showPage()
        if self._marks:
            self._write_tree()
        super().save()

    def _write_tree(self) -> None:
        document = self._doc
        pages = document.Pages.pages
        root, whole = PDFDictionary(), PDFDictionary()
        root_ref, whole_ref = document.Reference(root), document.Reference(whole)
        parents: list[list[Any]] = [[] for _ in pages]
        kids: list[Any] = []
        for listed, run in groupby(self._marks, key=lambda mark: mark.tag == _ITEM):
            marks = list(run)
            if listed:
                kids.append(self._list(marks, whole_ref, parents))
            else:
                kids += [self._element(mark, mark.tag, whole_ref, parents) for mark in marks]
        whole.dict.update(S=PDFName("Document"), P=root_ref, K=PDFArray(kids))
        numbers = [part for at, refs in enumerate(parents) for part in (at, PDFArray(refs))]
        root.dict.update(
            Type=PDFName("StructTreeRoot"), K=PDFArray([whole_ref]),
            ParentTree=PDFDictionary({"Nums": PDFArray(numbers)}), ParentTreeNextKey=len(pages),
        )  # fmt: skip
        for at, page in enumerate(pages):
            # reportlab writes only the keys that it lists; these two are not among them.
            page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
            page.StructParents, page.Tabs = at, PDFName("S")
        document.Catalog.StructTreeRoot = root_ref
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    def _element(self, mark: _Mark, tag: str, parent: Any, parents: list[list[Any]]) -> Any:
        document = self._doc
        page = document.Reference(document.Pages.pages[mark.page])
        element = document.Reference(_Element(tag, parent, page, mark.numbers))
        # The tree finds an element by the numbers of its texts on the page, which are given in order.
        parents[mark.page] += [element] * len(mark.numbers)
        return element

    def _list(self, marks: Iterable[_Mark], parent: Any, parents: list[list[Any]]) -> Any:
        document = self._doc
        whole = PDFDictionary()
        whole_ref = document.Reference(whole)
        items: list[Any] = []
        for mark in marks:
            item = PDFDictionary()
            item_ref = document.Reference(item)
            body = self._element(mark, "LBody", item_ref, parents)
            item.dict.update(S=PDFName(_ITEM), P=whole_ref, K=PDFArray([body]))
            items.append(item_ref)
        whole.dict.update(S=PDFName("L"), P=parent, K=PDFArray(items))
        return whole_ref
