"""XlsxWriter in constant-memory mode merely writes the cells of a register: the peer of `cargo xtask bench`.

    python xlsxwriter_peer.py SAMPLE.xlsx INVOICES OUT.xlsx

SAMPLE is a register that b24 wrote of fewer invoices. Its cells are read first, which is not timed, and then written
again and again until there are as many invoices as asked for: the same columns, kinds of cells, number formats, fills,
formulas with their values, and further sheets where one is full. Prints `{"seconds": …, "cells": …, "bytes": …}`.
"""

import json
import sys
import time
from pathlib import Path

import openpyxl
import xlsxwriter

SHEET_ROWS = 1_048_576
REGISTER, ROWS, PROBLEMS = "Реестр", "Строки", "Проблемы"


def sample(path):
    """The rows of the large sheets: lists of (kind, value, result, look)."""
    formulas = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)
    sheets = {}
    for name in (REGISTER, ROWS, PROBLEMS):
        rows = []
        for cells, results in zip(formulas[name].iter_rows(), values[name].iter_rows()):
            # The totals below the table are not repeated.
            if rows and all(cell.value is None for cell in cells):
                break
            rows.append([cell_of(cell, result) for cell, result in zip(cells, results)])
        sheets[name] = rows
    return sheets


def cell_of(cell, result):
    fill = cell.fill.fgColor.rgb[2:] if cell.fill.fill_type else None
    look = (cell.number_format, fill, bool(cell.font.b), bool(cell.font.strike), bool(cell.alignment.wrap_text))
    if cell.value is None:
        return ("blank", None, None, look)
    if cell.data_type == "f":
        return ("formula", cell.value, result.value, look)
    if cell.is_date:
        return ("date", cell.value, None, look)
    if cell.data_type == "n":
        return ("number", cell.value, None, look)
    return ("text", cell.value, None, look)


def main():
    path, invoices, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    sheets = sample(path)
    size = len(sheets[REGISTER]) - 1
    repeats = -(-invoices // size)
    looks = {cell[3] for rows in sheets.values() for row in rows for cell in row}

    started = time.perf_counter()
    book = xlsxwriter.Workbook(str(out), {"constant_memory": True})
    formats = {look: format_of(book, look) for look in looks}
    cells = 0
    for name, (titles, *body) in sheets.items():
        cells += write(book, name, titles, body, repeats, formats)
    book.close()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "cells": cells, "bytes": out.stat().st_size}))


def format_of(book, look):
    number_format, fill, bold, strike, wrap = look
    properties = {"num_format": number_format, "bold": bold, "font_strikeout": strike, "text_wrap": wrap, "border": 1}
    if fill:
        properties["bg_color"] = f"#{fill}"
    return book.add_format(properties)


def write(book, name, titles, body, repeats, formats):
    """Writes a kind of sheet; the number of its cells."""
    # The methods are looked up once, as a careful user of the library would.
    prepared = [[(kind, value, result, formats[look]) for kind, value, result, look in row] for row in body]
    row, sheet, number, cells = SHEET_ROWS, None, 0, 0
    for _ in range(repeats):
        for record in prepared:
            if row >= SHEET_ROWS:
                number += 1
                sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
                for column, (_, value, _, look) in enumerate(titles):
                    sheet.write_string(0, column, value, formats[look])
                row = 1
            for column, (kind, value, result, look) in enumerate(record):
                if kind == "text":
                    sheet.write_string(row, column, value, look)
                elif kind == "number":
                    sheet.write_number(row, column, value, look)
                elif kind == "date":
                    sheet.write_datetime(row, column, value, look)
                elif kind == "formula":
                    sheet.write_formula(row, column, value, look, result)
                else:
                    sheet.write_blank(row, column, None, look)
            cells += len(record)
            row += 1
    return cells


if __name__ == "__main__":
    main()
