"""Anonymisation helper: what in a case text could tell who it is about. Pure; the rules are in `rules.json`, the names in `names.json`."""

from beratung_xblock.anonymise.engine import Checker, Finding, findings, findings_of
from beratung_xblock.anonymise.reasons import WHY

__all__ = ["WHY", "Checker", "Finding", "findings", "findings_of"]
