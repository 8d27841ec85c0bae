"""Searching data for planted secrets: whatever is packed is unpacked first, and every disguise of a secret is tried."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import io
import json
import pickle
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from tests.permissions import scene

SECRETS = {
    **scene.SECRETS, "V": "Versuchsmärke <5772>", "N": "Notizmarke-6931", "W": "Mitnahmemarke-4142", "F": "Schrittmarke-7320",
}
"""By letter; the one with an umlaut and angle brackets looks different wherever it is escaped."""
DEEPEST = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")


def disguises(secret: str) -> set[bytes]:
    """The secret as it could stand somewhere: plain, escaped for JSON, HTML, addresses and Python, base64 at the three offsets."""
    raw = secret.encode()
    forms = {raw, secret.encode("utf-16-be"), repr(raw)[2:-1].encode(), quote(secret).encode(), quote_plus(secret).encode()}
    forms |= {json.dumps(secret, ensure_ascii=flag)[1:-1].encode() for flag in (True, False)}
    forms |= {html.escape(secret).encode(), html.escape(html.escape(secret)).encode()}
    forms |= {json.dumps(html.escape(secret), ensure_ascii=flag)[1:-1].encode() for flag in (True, False)}
    for offset in range(3):
        whole = base64.b64encode(b"x" * offset + raw)
        forms.add(whole[4 if offset else 0 : -4])
    return forms


FORMS = {name: disguises(secret) for name, secret in SECRETS.items()}


def unpacked(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The data itself and everything inside it: zip and XLSX, gzip, PDF (its text too), pickles, base64."""
    yield data
    if depth >= DEEPEST:
        return
    inner: list[bytes] = []
    # What was handed in must unpack; what base64 hid may be a ciphertext that begins like a packed file by chance.
    with contextlib.suppress(Exception) if depth else contextlib.nullcontext():
        inner += _opened(data)
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            inner.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    if depth < 2:
        for token in _BASE64.findall(data):
            padded = token.rstrip(b"=") + b"=" * (-len(token.rstrip(b"=")) % 4)
            try:
                inner.append(base64.urlsafe_b64decode(padded.replace(b"+", b"-").replace(b"/", b"_")))
            except ValueError:
                continue
    for part in inner:
        yield from unpacked(part, depth + 1)


def _opened(data: bytes) -> list[bytes]:
    """What is inside a packed file, known by its first bytes; raises where they promise too much."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return [name.encode() for name in packed.namelist()] + [packed.read(name) for name in packed.namelist()]
    if data[:2] == b"\x1f\x8b":
        return [gzip.decompress(data)]
    if data[:4] == b"%PDF":
        return [_pdf_text(data)]
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return [repr(pickle.loads(data)).encode()]  # made by this test
    if data[:1] == b"x":
        with contextlib.suppress(zlib.error):
            return [zlib.decompress(data)]
    return []


def _pdf_text(data: bytes) -> bytes:
    program = shutil.which("pdftotext")
    assert program, "pdftotext is missing: apt-get install poppler-utils"
    return subprocess.run([program, "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout


def found_in(*parts: bytes) -> list[str]:
    """Letters of the secrets found in any of the parts, in order of SECRETS."""
    seen = set()
    for part in parts:
        for piece in unpacked(part):
            flat = piece.replace(b"=\r\n", b"").replace(b"=\n", b"")  # soft line breaks of mails
            if b"&#" in flat:
                flat += html.unescape(flat.decode("utf-8", "replace")).encode()
            seen |= {name for name, forms in FORMS.items() if any(form in flat for form in forms)}
    return [name for name in SECRETS if name in seen]


def says(name: str, *parts: bytes) -> bool:
    """Does the name stand in any of the parts as a word? Four letters in the middle of a ciphertext or token are chance."""
    word = re.compile(rb"(?<![A-Za-z0-9])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9])")
    return any(word.search(part) for part in parts)


def of_mail(letter) -> list[bytes]:
    """A mail as sent, its headers, and its parts decoded."""
    message = letter.message()
    parts = [part.get_payload(decode=True) or b"" for part in message.walk()]
    return [message.as_bytes(), repr(message.items()).encode(), *parts]
