"""Bytes to values. Pure core: nothing here reads a file, asks a clock or decides anything.

lots.py             the door for lot files: CSV and XLSX (lot_table.py), B2 (b2/)
reference_tables.py the reference tables; both stand on tables.py (rows), cells.py (values), workbook.py (XLSX)
noemie/             returns of payment
directories/        national directories: FINESS, MSSanté
mail/               mails: message.py is the one entry
documents/          what comes attached to a mail
layouts.py          zones by position, as data in config/formats/
identifiers.py      NIR, FINESS, AM, invoice numbers
"""
