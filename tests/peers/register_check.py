"""A written workbook, read by somebody else's program, against the sandbox's model of the right register.

    python register_check.py MODEL.json --xlsx REGISTER.xlsx      read by openpyxl
    python register_check.py MODEL.json --csv FOLDER PREFIX       converted by LibreOffice: FOLDER/PREFIX-*.csv

Columns are found by their titles. Every number is a decimal from the text of the cell. Ends with 0 when the register
equals the model to the kopeck, with 1 and the differences otherwise.
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

REGISTER, TOTALS = "Реестр", "Итоги"
SHEETS = (REGISTER, TOTALS, "Проблемы", "Сведения")
NUMBER, COMPANY, CURRENCY, STATUS = "Номер", "Наша организация", "Валюта", "Статус"
GROSS, VAT = "Сумма с НДС", "НДС"
FACT, COUNT = "Показатель", "Счетов"
CANCELLED, ALL = "отменен", "всего"
KOPECK = Decimal("0.01")
SHOWN = 10


def decimal(cell):
    """None for an empty cell. The shortest text of a double is the decimal that was written into it."""
    if cell is None:
        return None
    text = str(cell).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    return None if text in ("", "-", "—") else Decimal(text)


def text(cell):
    """None for an empty cell, a dash, or a remark in parentheses such as «(не указана)»."""
    words = " ".join(str("" if cell is None else cell).split())
    return None if words in ("", "-", "—") or (words.startswith("(") and words.endswith(")")) else words


def begins(cell, word):
    return (text(cell) or "").lower().replace("ё", "е").startswith(word)


def from_xlsx(path):
    """The rows of the sheets, with openpyxl."""
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    missing = [name for name in SHEETS if name not in book.sheetnames]
    if missing:
        sys.exit(f"{path}: sheets are missing: {', '.join(missing)}; found {', '.join(book.sheetnames)}")
    return {name: [list(row) for row in book[name].iter_rows(values_only=True)] for name in SHEETS}


def from_csv(folder, prefix):
    """The rows of the sheets, as LibreOffice wrote them: one file for each."""
    files = {path.stem.removeprefix(f"{prefix}-"): path for path in Path(folder).glob(f"{prefix}-*.csv")}
    missing = [name for name in SHEETS if name not in files]
    if missing:
        sys.exit(f"{folder}: sheets are missing: {', '.join(missing)}; found {', '.join(files)}")
    return {name: records(files[name]) for name in SHEETS}


def records(path):
    """Quoted cells may hold line ends, so the file is not split by lines."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def table(sheet, rows, wanted):
    """The rows below the titles, each as a dictionary of the wanted columns; empty rows are left out."""
    header = next((row for row in rows if GROSS in [text(cell) for cell in row]), None)
    if header is None:
        sys.exit(f"{sheet}: no row of titles with «{GROSS}»")
    titles = [text(cell) for cell in header]
    missing = [title for title in wanted if title not in titles]
    if missing:
        sys.exit(f"{sheet}: columns are missing: {', '.join(missing)}; found {', '.join(filter(None, titles))}")
    body = rows[rows.index(header) + 1 :]
    return [{title: row[titles.index(title)] for title in wanted} for row in body if any(text(cell) for cell in row)]


def invoices_of(rows):
    return [
        {
            "number": text(row[NUMBER]),
            "group": (text(row[COMPANY]), text(row[CURRENCY])),
            "cancelled": begins(row[STATUS], CANCELLED),
            "gross": decimal(row[GROSS]),
            "vat": decimal(row[VAT]),
        }
        for row in table(REGISTER, rows, (NUMBER, COMPANY, CURRENCY, STATUS, GROSS, VAT))
    ]


def group_of(entry):
    return (text(entry["my_company"]), text(entry["currency"]))


def money(value):
    return None if value is None else Decimal(value).quantize(KOPECK)


def sums_of(entries):
    """Count, gross and VAT of each group, from (group, count, gross, VAT); groups without an invoice are left out."""
    sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for group, count, gross, vat in entries:
        for index, value in enumerate((count, gross or 0, vat or 0)):
            sums[group][index] += value
    return {group: (count, money(gross), money(vat)) for group, (count, gross, vat) in sums.items() if count}


def sums_of_invoices(invoices):
    return sums_of((i["group"], 1, i["gross"], i["vat"]) for i in invoices if not i["cancelled"])


def sums_of_totals_sheet(rows):
    facts = table(TOTALS, rows, (COMPANY, CURRENCY, FACT, COUNT, GROSS, VAT))
    return sums_of(
        ((text(row[COMPANY]), text(row[CURRENCY])), int(decimal(row[COUNT])), decimal(row[GROSS]), decimal(row[VAT]))
        for row in facts
        if begins(row[FACT], ALL)
    )


def sums_of_model(model):
    return sums_of((group_of(t), t["count"], Decimal(t["gross"]), Decimal(t["vat"])) for t in model["totals"])


def by_invoice(entries):
    """How often each combination of number, group and sums occurs: order and equal numbers do not matter."""
    counts = defaultdict(int)
    for entry in entries:
        counts[entry] += 1
    return counts


def differences(sheets, model):
    """Everything in which the workbook and the model differ, as lines."""
    lines = []
    invoices, right = invoices_of(sheets[REGISTER]), sums_of_model(model)
    ours = {REGISTER: sums_of_invoices(invoices), TOTALS: sums_of_totals_sheet(sheets[TOTALS])}
    for sheet, sums in ours.items():
        for group in sorted(sums.keys() | right.keys(), key=str):
            if sums.get(group) != right.get(group):
                got, wanted = show(sums.get(group)), show(right.get(group))
                lines.append(f"{sheet}: count, gross, VAT of {group}: workbook {got}, model {wanted}")
    written = by_invoice((i["number"], i["group"], money(i["gross"]), money(i["vat"])) for i in invoices)
    wanted = by_invoice((text(r["number"]), group_of(r), money(r["gross"]), money(r["vat"])) for r in model["rows"])
    for entry in sorted(written.keys() | wanted.keys(), key=str):
        if written[entry] != wanted[entry]:
            number, group, gross, vat = entry
            lines.append(f"invoice {number} of {group}, {gross}, VAT {vat}: {written[entry]} × in the workbook, "
                         f"{wanted[entry]} × in the model")
    return lines


def show(values):
    return "nothing" if values is None else " ".join(str(value) for value in values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--xlsx", type=Path)
    parser.add_argument("--csv", nargs=2, metavar=("FOLDER", "PREFIX"))
    arguments = parser.parse_args()
    sheets = from_xlsx(arguments.xlsx) if arguments.xlsx else from_csv(*arguments.csv)
    model = json.loads(arguments.model.read_text(encoding="utf-8"))
    if not model["rows"]:
        sys.exit("the model has no invoice: nothing would be checked")
    lines = differences(sheets, model)
    for line in lines[:SHOWN]:
        print(f"  FAILED: {line}")
    if lines:
        sys.exit(f"the workbook differs from the model in {len(lines)} places")
    print(f"  ok: {len(model['rows'])} invoices and {len(sums_of_model(model))} totals equal to the kopeck")


if __name__ == "__main__":
    main()
