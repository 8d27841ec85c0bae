"""What a screen reader is told by our PDF files, read by another program, and by their raw marks."""

import datetime as dt
import re
import subprocess
import zlib

import pytest
from django.utils import translation

from beratung_xblock.data.reports import Cell, Certificate, CertificateSession, Report, ReportRow
from beratung_xblock.exports.certificate_pdf import certificate_pdf
from beratung_xblock.exports.pdf import Document
from beratung_xblock.exports.report_pdf import report_pdf

COLUMNS = ("sessions", "people", "hours")


def certificate(name="Olena Kowalenko", sessions=1):
    at = dt.datetime(2026, 5, 13, 16, tzinfo=dt.UTC)
    met = tuple(
        CertificateSession(starts_at=at + dt.timedelta(days=7 * n), ends_at=at + dt.timedelta(days=7 * n, hours=2), time_zone="Europe/Berlin", minutes=120, take_part="online")
        for n in range(sessions)
    )
    return Certificate(
        code="ABCD-EFGH-JKLM-NPQR", kind="attendance", name=name, organisation="Servicestelle", title="Runde", issued_on=dt.date(2026, 11, 27),
        minutes=120 * sessions, sessions=met,
    )  # fmt: skip


def report():
    rows = tuple(
        ReportRow(key=key, is_total=key == "year", cells={"sessions": Cell(value=number), "people": Cell(mark="small"), "hours": Cell(value=7.5)})
        for number, key in enumerate(("1", "2", "3", "4", "year"), start=1)
    )
    return Report(year=2026, quarter=0, by="quarter", columns=COLUMNS, rows=rows)


def made(kind):
    with translation.override("de"):
        if kind == "report":
            return report_pdf(report(), today=dt.date(2026, 11, 27), language="de")
        if kind == "long":
            pdf = Document(title="Lang")
            for number in range(30):
                pdf.text_line(f"Absatz {number}. " + "Ein langer Satz mit vielen Wörtern. " * 30, gap=2)
            return pdf.finished()
        return certificate_pdf(certificate(sessions=40), check_address="https://x.example/beratung/check/", language="de")


def tree_of(pdf, tmp_path):
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfinfo", "-struct-text", str(path)], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return [line.strip() for line in done.stdout.splitlines()]


def pages_of(pdf):
    """The drawing instructions of each page."""
    found = []
    for stream in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        try:
            drawn = zlib.decompress(stream)
        except zlib.error:
            continue
        if b" BDC" in drawn or b" BMC" in drawn:
            found.append(drawn.decode("latin-1"))
    return found


def test_a_certificate_is_a_heading_paragraphs_and_a_list_of_facts(tmp_path):
    with translation.override("de"):
        tree = tree_of(certificate_pdf(certificate(), check_address="https://x.example/", language="de"), tmp_path)
    assert tree.count("H1 (block)") == 1
    assert tree[tree.index("H1 (block)") + 1] == '"Teilnahmebescheinigung"'
    assert tree[tree.index('"2 Stunden (Online)"') - 4 : tree.index('"2 Stunden (Online)"')] == ["LI (block)", "Lbl (block)", '"Mittwoch, 13. Mai 2026, 18 bis 20 Uhr"', "LBody (block)"]
    assert "ABCD-EFGH-JKLM-NPQR" in tree[-1], "the code is read last"


def test_a_report_is_a_table_with_headings_and_pictures_with_words(tmp_path):
    pdf = made("report")
    tree = tree_of(pdf, tmp_path)
    assert (tree.count("Table (block)"), tree.count("TR"), tree.count("TH:"), tree.count("TD")) == (1, 6, 4 + 5, 15)
    assert (tree.count("/Scope /Column"), tree.count("/Scope /Row")) == (4, 5)
    assert (tree.count("H1 (block)"), tree.count("H2 (block)"), tree.count("Figure")) == (1, 2, 2)
    alternatives = [bytes.fromhex(text.decode()).decode("utf-16") for text in re.findall(rb"/Alt <([0-9a-f]+)>", pdf)] + [text.decode() for text in re.findall(rb"/Alt \(([^)]*)\)", pdf)]
    assert sorted(alternatives) == [
        "Personenstunden. 1. Quartal: 7,5; 2. Quartal: 7,5; 3. Quartal: 7,5; 4. Quartal: 7,5",
        "Sitzungen. 1. Quartal: 1; 2. Quartal: 2; 3. Quartal: 3; 4. Quartal: 4",
    ]


def test_shaped_letters_are_read_as_they_were_written():
    with translation.override("de"):
        pdf = certificate_pdf(certificate("سميرة محمد الحداد"), check_address="https://x.example/", language="de")
    assert ("سميرة محمد الحداد".encode("utf-16-be").hex()).encode() in pdf
    for told in (b"/Lang (de)", b"/Marked true", b"/DisplayDocTitle true", b"/Title (Teilnahmebescheinigung)"):
        assert told in pdf, told


@pytest.mark.parametrize("kind", ["report", "long", "certificate"])
def test_every_letter_is_marked_and_every_mark_ends_on_its_page(kind, tmp_path):
    pdf = made(kind)
    pages = pages_of(pdf)
    assert len(pages) >= (1 if kind == "report" else 2)
    for drawn in pages:
        inside, numbers, written = False, [], 0
        for line in drawn.split("\n"):
            if line.endswith((" BDC", " BMC")):
                assert not inside
                inside = True
                numbers += re.findall(r"/MCID (\d+)", line)
            elif line == "EMC":
                assert inside
                inside = False
            elif any(sign in line for sign in (" Tj", " TJ", " re f", " l S")):
                assert inside, line
                written += 1
        assert not inside
        assert written >= len(numbers) > 0
        assert numbers == [str(number) for number in range(len(numbers))]
    tree_of(pdf, tmp_path)


def test_a_paragraph_over_two_pages_is_read_once(tmp_path):
    told = " ".join(tree_of(made("long"), tmp_path))
    for number in range(30):
        assert told.count(f"Absatz {number}. ") == 1
