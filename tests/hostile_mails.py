"""A hundred mails that were written to break a reader, by name: always the same bytes. Each is a few megabytes at most.

None of them asks for anything, so that each is put aside with a reason: by a limit where it passes one, else because it
is no request. What matters is that it costs its own time and memory only.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import zipfile
import zlib

MB = 1 << 20
_HEAD = (
    "From: mallory@example.org\r\nTo: service.fluxtiers@example.fr\r\nSubject: {}\r\nMessage-ID: <{}@example.org>\r\n"
)
_QUADRATIC = {
    "attributions": "Le 12/03/2026 10:12 " * 20_000,
    "wrapped attributions": "Le 1 mars\n" * 40_000,
    "header lines": "De : x@example.org\n" * 30_000,
    "separators": "-----Message d'origine-----\n" * 20_000,
    "dashes": "-" * 400_000,
    "quote marks": "> " * 200_000,
    "quoted and not": "> a\nb\n" * 40_000,
    "arrows": "> a -> b\n" * 40_000,
    "signatures": "-- \n" * 80_000,
    "disclaimers": "Confidentialité\n" * 20_000,
    "digits": "1" * 400_000,
    "digits apart": "1 " * 200_000,
    "nearly a NIR": "1 85 05 78 006 08 " * 20_000,
    "invoice words": "facture n° " * 40_000,
    "invoice lists": "facture n° 1" + ", 2" * 100_000,
    "PS words": "n° PS " * 60_000,
    "tokens": "mb-" * 130_000,
    "near tokens": ("mb-" + "a" * 25 + " ") * 13_000,
    "blanks": "\n" * 400_000,
    "spaces": " " * 400_000 + "x",
    "no-break spaces": "\u00a0" * 200_000 + "x",
    "carriage returns": "\r" * 400_000,
    "one long line": "é" * 2_000_000,
    "many short lines": "a\n" * 500_000,
    "zero width": "\u200b" * 300_000,
    "right to left": "\u202e1002 n° erutcaf " * 10_000,
    "nulls": "\x00" * 1_000_000,
    "escape sequences": "\x1b[2J\x1b]0;x\x07" * 50_000,
    "marks of ours": "\ue002\ue003\ue004\n" * 60_000,
    "capital I with a dot": "İ" * 300_000,
    "reference of ours": ("Réf. : mb-" + "a" * 26 + "\n") * 8_000,
    "unsubscription words": "ne souhaite plus " * 20_000,
    "combining accents": "e" + "\u0301" * 300_000,
}
_HTML = {
    "deep divs": "<div>" * 60_000,
    "deep divs closed": "<div>" * 30_000 + "x" + "</div>" * 30_000,
    "deep tables": "<table><tr><td>" * 20_000,
    "many cells": "<td>x" * 150_000,
    "open tags": "<" * 900_000,
    "open comments": "<!--" * 200_000,
    "open scripts": "<script>" * 100_000,
    "one attribute": f"<p style='{'color:red;' * 80_000}'>x</p>",
    "many attributes": f"<p {' '.join(f'a{n}=1' for n in range(60_000))}>x</p>",
    "many styles": "".join(f"<p style='margin:{n}px'>x</p>" for n in range(30_000)),
    "entities": "&amp;" * 180_000,
    "foreign entities": "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><p>" + "&b;" * 100_000,
    "outside entity": "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>&a;</p>",
    "quotes in quotes": "<blockquote>" * 200 + "x",
    "broken nesting": "<b><i>" * 20_000 + "</b></i>" * 20_000,
    "pre": "<pre>" + " \n" * 200_000,
    "breaks": "<br>" * 200_000,
    "half tags": "<p <p <p " * 100_000,
    "bad bytes": "<p>\x00\x01\ufffe</p>" * 40_000,
}


def _mail(name: str, more: str = "", body: bytes = b"x") -> bytes:
    head = _HEAD.format(name, name.replace(" ", "-")) + more
    return head.encode("utf-8", "replace") + b"\r\n" + body


def _text(name: str, text: str, kind: str = "plain") -> bytes:
    return _mail(name, f"Content-Type: text/{kind}; charset=utf-8\r\n", text.encode("utf-8", "replace"))


def _attached(name: str, filename: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    coded = base64.encodebytes(content)
    part = f'--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename="{filename}"\r\n'
    body = part.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded + b"\r\n--b--\r\n"
    return _mail(name, 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n', body)


def _zip(names: list[str], content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return held.getvalue()


def _nested(count: int) -> bytes:
    inner = b"Subject: x\r\n\r\nx"
    for _ in range(count):
        inner = b"Content-Type: message/rfc822\r\n\r\n" + inner
    return inner


def _alternatives(count: int) -> bytes:
    opened = b"".join(
        b'--b%d\r\nContent-Type: multipart/alternative; boundary="b%d"\r\n\r\n' % (n, n + 1) for n in range(count)
    )
    return opened + b"--b%d\r\n\r\nx\r\n" % count


def _multipart(name: str, body: bytes, boundary: str = "b0") -> bytes:
    return _mail(name, f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n', body)


def _structures() -> dict[str, bytes]:
    return {
        "nested mails": _mail("nested mails", "MIME-Version: 1.0\r\n").split(b"\r\n\r\n")[0] + b"\r\n" + _nested(1000),
        "nested alternatives": _multipart("nested alternatives", _alternatives(2000)),
        "many parts": _multipart("many parts", b"--b0\r\n\r\nx\r\n" * 100_000),
        "empty parts": _multipart("empty parts", b"--b0\r\n" * 200_000),
        "many attachments": _multipart(
            "many attachments", b"--b0\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n" * 2_000
        ),
        "boundary nearly": _multipart("boundary nearly", b"--b0x\r\n" * 200_000),
        "boundary of a letter": _multipart("boundary of a letter", b"--a" * 500_000, "a"),
        "empty boundary": _multipart("empty boundary", b"--\r\n" * 200_000, ""),
        "boundary of spaces": _multipart("boundary of spaces", b"-- \r\n" * 200_000, " "),
        "huge boundary": _multipart("huge boundary", b"x", "b" * 100_000),
        "boundary of the parent": _multipart(
            "boundary of the parent", b"--b0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n" * 5_000
        ),
        "part headers": _multipart("part headers", b"--b0\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\nx\r\n--b0--"),
        "a million report fields": _mail(
            "report", "Content-Type: message/delivery-status\r\n", b"Final-Recipient: rfc822; a@b\r\n\r\n" * 100_000
        ),
    }


def _headers() -> dict[str, bytes]:
    continued = "".join(f'\r\n filename*{n}="a";' for n in range(20_000))
    return {
        "header block": _mail("header block", "X-A: b\r\n" * 200_000),
        "one header": _mail("one header", "X-A: " + "b" * 3_000_000 + "\r\n"),
        "folded header": _mail("folded header", "X-A: b\r\n" + " c\r\n" * 500_000),
        "no colon": b"From mallory\r\n" * 100_000,
        "header name": _mail("header name", "A" * 1_000_000 + ": b\r\n"),
        "a million recipients": _mail("a million recipients", "Cc: " + "a@b.fr, " * 1_000_000 + "\r\n"),
        "many To": _mail("many To", "To: a@example.org\r\n" * 50_000),
        "references": _mail("references", "References: " + "<a@b> " * 100_000 + "\r\n"),
        "open references": _mail("open references", "References: " + "<" * 15_000 + "\r\n"),
        "encoded words": _mail("encoded words", "X-Y: z\r\nSubject: " + "=?utf-8?q?a?= " * 20_000 + "\r\n"),
        "broken encoded words": _mail("broken encoded words", "Subject: " + "=?utf-8?" * 2_000 + "\r\n"),
        "two readings": _mail("two readings").replace(b"mallory@example.org", b"ps@example.fr <mallory@example.org>"),
        "address comments": _mail("address comments").replace(b"mallory@", b"(" * 8_000 + b"mallory@"),
        "address quotes": _mail("address quotes").replace(b"mallory@", b'"\\' * 500 + b"mallory@"),
        "address groups": _mail("address groups", "To: " + "a:" * 7_000 + ";\r\n"),
        "continued parameters": _mail("continued", f"Content-Disposition: attachment;{continued}\r\n"),
        "continued numbers": _mail("numbers", "Content-Type: text/plain; name*99999999999999999999*=utf-8''a\r\n"),
        "parameter quotes": _mail("parameter quotes", 'Content-Type: text/plain; a="' + '\\"' * 5_000 + "\r\n"),
        "parameter semicolons": _mail("semicolons", "Content-Type: text/plain" + ";" * 100_000 + "\r\n"),
        "date": _mail("date", "Date: " + "9" * 10_000 + " Mar 99999 99:99:99 +9999999\r\n"),
        "message id": _mail("message id", "In-Reply-To: " + "<" + "a" * 15_000 + ">\r\n"),
        "verdicts": _mail("verdicts", "Authentication-Results: " + "mx; dkim=pass (" * 1_000 + "\r\n"),
    }


def _contents() -> dict[str, bytes]:
    broken = "Content-Transfer-Encoding: {}\r\nContent-Type: text/plain; charset={}\r\n"
    deep = zlib.compress(zlib.compress(b"\0" * 50 * MB))
    return {
        "huge base64": _mail("huge base64", broken.format("base64", "utf-8"), b"QUFB" * 2_000_000),
        "foreign base64": _mail("foreign base64", broken.format("base64", "utf-8"), b"\xff=-!" * 1_000_000),
        "quoted printable": _mail("quoted", broken.format("quoted-printable", "utf-8"), b"=" * 2_000_000),
        "slow charset": _mail("slow charset", broken.format("8bit", "punycode"), b"a-" * 200_000),
        "utf-7": _mail("utf-7", broken.format("8bit", "utf-7"), b"+AAA" * 200_000),
        "utf-16 cut": _mail("utf-16 cut", broken.format("8bit", "utf-16"), b"\xd8\x00" * 200_001 + b"a"),
        "no charset": _mail("no charset", broken.format("8bit", "x" * 1_900), b"\x80" * 200_000),
        "codec that is none": _mail("codec", broken.format("8bit", "zlib_codec"), zlib.compress(b"a" * 10 * MB)),
        "zip bomb": _attached("zip bomb", "lot.zip", _zip(["a.csv"], b"0" * 50 * MB), "application/zip"),
        "many members": _attached("many members", "lots.zip", _zip([f"{n}.csv" for n in range(3_000)], b"a")),
        "gzip bomb": _attached("gzip bomb", "lot.csv.gz", gzip.compress(b"0" * 50 * MB)),
        "bzip bomb": _attached("bzip bomb", "lot.csv.bz2", bz2.compress(b"0" * 50 * MB)),
        "deflated twice": _attached("deflated twice", "facture.pdf", b"%PDF-1.4\n" + deep, "application/pdf"),
    }


def mails() -> dict[str, bytes]:
    """The hundred, by name."""
    found = {f"text: {name}": _text(name, text) for name, text in _QUADRATIC.items()}
    found |= {f"html: {name}": _text(name, text, "html") for name, text in _HTML.items()}
    return found | _structures() | _headers() | _contents()
