"""Mails to people: what they say (`texts`), what they look like (`compose`), their links (`links`), their way out (`delivery`).

Every mail is written when it is sent, from rows as they are then, so a mail that waited for a mail server does not
announce what is no longer true. It holds the reader's own name, dates and our own addresses: no names of others, no
case content, no meeting link.
"""
