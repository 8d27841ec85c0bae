"""Teilnahmebescheinigung and yearly statement of hours on one page: who, what, when, how long. Never a case or another person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from beratung_xblock.data.reports import Certificate, CertificateSession
from beratung_xblock.exports import words
from beratung_xblock.exports.pdf import ACTION, SOFT, Document
from beratung_xblock.times import words_for_day, words_for_time

UNIT_MINUTES = 45


def certificate_pdf(certificate: Certificate, *, check_address: str, language: str) -> bytes:
    """The page, with the address at which anybody can check the code."""
    yearly = certificate.kind == "hours"
    title = _("Statement of hours %(year)s") % {"year": certificate.year} if yearly else _("Certificate of attendance")
    pdf = Document(title=title, author=certificate.organisation)
    told = _("Made by machine and valid without a signature. Check: %(address)s  Code: %(code)s")
    address = f"\n{check_address}" if pdf.side == "R" else check_address  # on a line of its own the stroke at its end stays there
    pdf.footer_text = told.replace("  ", "\n") % {"address": address, "code": certificate.code}  # the code is not torn
    with pdf.mark(""):
        pdf.set_fill_color(*ACTION)
        pdf.rect(0, 0, pdf.w, 7, style="F")
    pdf.ln(14)
    pdf.text_line(certificate.organisation or certificate.title, size=12, colour=SOFT, align=pdf.side, gap=10)
    pdf.text_line(title, size=26, bold=True, gap=12, kind="/H1")
    pdf.text_line(_("We confirm that"), size=11.5, gap=2)
    pdf.text_line(certificate.name, size=18, bold=True, align=pdf.side, gap=3)
    pdf.text_line(
        (_("took part in peer consultation as a volunteer in %(year)s.") % {"year": certificate.year}) if yearly
        else _("took part in peer consultation as a volunteer."),
        size=11.5, gap=7,
    )
    pdf.rule()
    pdf.facts(
        (words_for_time(session.starts_at, session.ends_at, session.time_zone, language), _session(session, "، " if pdf.side == "R" else ", "))
        for session in certificate.sessions
    )
    pdf.rule()
    units = certificate.minutes / UNIT_MINUTES
    pdf.facts([
        (_("Present in all"), words.hours(certificate.minutes)),
        (_("Units of 45 minutes"), f"{units:.1f}".replace(".", "," if language == "de" else ".")),
        (_("Topics"), _("Method of peer consultation, leading a conversation, confidentiality")),
    ])  # fmt: skip
    if yearly:
        pdf.ln(2)
        pdf.text_line(_("Whether these hours count for a volunteer card is decided by the office that issues it."), size=9.5, colour=SOFT)
    pdf.ln(10)
    pdf.text_line(words_for_day(certificate.issued_on, language), size=11, align=pdf.side, gap=1)
    if certificate.signed_by:
        pdf.text_line(certificate.signed_by, size=11, align=pdf.side)
    if certificate.organisation:
        pdf.text_line(certificate.organisation, size=11, colour=SOFT, align=pdf.side)
    return pdf.finished()


def _session(session: CertificateSession, comma: str) -> str:
    told = [words.FORMATS[session.take_part]()]
    if session.moderated:
        told.append(_("as moderator"))
    return f"{words.hours(session.minutes)} ({comma.join(told)})"
