"""Files people take away: tables (CSV, XLSX), the printable report, certificates. Takes frozen data, returns bytes; asks nobody."""
