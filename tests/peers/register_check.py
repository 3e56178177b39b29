"""A written register, read by somebody else's program, against the sandbox's model of the right one.

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

REGISTER = "Реестр"
SHEETS = (REGISTER, "Итоги", "Проблемы", "Сведения")
NUMBER, COMPANY, CURRENCY, STATUS = "Номер", "Наша организация", "Валюта", "Статус"
GROSS, VAT = "Сумма с НДС", "НДС"
CANCELLED = "отменен"
KOPECK = Decimal("0.01")
SHOWN = 10


def decimal(cell):
    """None for an empty cell. The shortest text of a double is the decimal that was written into it."""
    if cell is None:
        return None
    text = str(cell).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    return None if text in ("", "-", "—") else Decimal(text)


def text(cell):
    """None for an empty cell or a dash."""
    words = " ".join(str("" if cell is None else cell).split())
    return None if words in ("", "-", "—") else words


def status(cell):
    return (text(cell) or "").lower().replace("ё", "е")


def from_xlsx(path):
    """The rows of the register sheet, with openpyxl."""
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True)
    missing = [name for name in SHEETS if name not in book.sheetnames]
    if missing:
        sys.exit(f"{path}: sheets are missing: {', '.join(missing)}; found {', '.join(book.sheetnames)}")
    return [list(row) for row in book[REGISTER].iter_rows(values_only=True)]


def from_csv(folder, prefix):
    """The rows of the register sheet, as LibreOffice wrote them: one file for each sheet."""
    files = {path.stem.removeprefix(f"{prefix}-"): path for path in Path(folder).glob(f"{prefix}-*.csv")}
    missing = [name for name in SHEETS if name not in files]
    if missing:
        sys.exit(f"{folder}: sheets are missing: {', '.join(missing)}; found {', '.join(files)}")
    with open(files[REGISTER], encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def records(rows):
    """Invoices by column title; the table ends at the first row without a number and a sum."""
    wanted = (NUMBER, COMPANY, CURRENCY, STATUS, GROSS, VAT)
    header = next((row for row in rows if GROSS in [text(cell) for cell in row]), None)
    if header is None:
        sys.exit(f"no row of titles with «{GROSS}»")
    titles = [text(cell) for cell in header]
    missing = [title for title in wanted if title not in titles]
    if missing:
        sys.exit(f"columns are missing: {', '.join(missing)}; found {', '.join(filter(None, titles))}")
    body = rows[rows.index(header) + 1 :]
    picked = [{title: row[titles.index(title)] for title in wanted} for row in body if any(text(cell) for cell in row)]
    return [
        {
            "number": text(row[NUMBER]),
            "group": (text(row[COMPANY]), text(row[CURRENCY])),
            "cancelled": status(row[STATUS]).startswith(CANCELLED),
            "gross": decimal(row[GROSS]),
            "vat": decimal(row[VAT]),
        }
        for row in picked
    ]


def group_of(entry):
    return (text(entry["my_company"]), text(entry["currency"]))


def money(value):
    return None if value is None else Decimal(value).quantize(KOPECK)


def totals_of_register(invoices):
    sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for invoice in invoices:
        if not invoice["cancelled"]:
            entry = sums[invoice["group"]]
            entry[0] += 1
            entry[1] += invoice["gross"] or 0
            entry[2] += invoice["vat"] or 0
    return {group: (count, money(gross), money(vat)) for group, (count, gross, vat) in sums.items()}


def totals_of_model(model):
    sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for total in model["totals"]:
        entry = sums[group_of(total)]
        entry[0] += total["count"]
        entry[1] += Decimal(total["gross"])
        entry[2] += Decimal(total["vat"])
    return {group: (count, money(gross), money(vat)) for group, (count, gross, vat) in sums.items() if count}


def by_invoice(entries):
    """How often each combination of number, group and sums occurs: order and equal numbers do not matter."""
    counts = defaultdict(int)
    for entry in entries:
        counts[entry] += 1
    return counts


def differences(invoices, model):
    """Everything in which the register and the model differ, as lines."""
    lines = []
    ours, right = totals_of_register(invoices), totals_of_model(model)
    for group in sorted(ours.keys() | right.keys(), key=str):
        if ours.get(group) != right.get(group):
            lines.append(f"totals of {group} (count, gross, VAT): register {show(ours.get(group))}, model {show(right.get(group))}")
    written = by_invoice((i["number"], i["group"], money(i["gross"]), money(i["vat"])) for i in invoices)
    wanted = by_invoice((text(r["number"]), group_of(r), money(r["gross"]), money(r["vat"])) for r in model["rows"])
    for entry in sorted(written.keys() | wanted.keys(), key=str):
        if written[entry] != wanted[entry]:
            lines.append(f"invoice {entry}: {written[entry]} × in the register, {wanted[entry]} × in the model")
    return lines


def show(values):
    return "nothing" if values is None else " ".join(str(value) for value in values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--xlsx", type=Path)
    parser.add_argument("--csv", nargs=2, metavar=("FOLDER", "PREFIX"))
    arguments = parser.parse_args()
    rows = from_xlsx(arguments.xlsx) if arguments.xlsx else from_csv(*arguments.csv)
    model = json.loads(arguments.model.read_text(encoding="utf-8"))
    if not model["rows"]:
        sys.exit("the model has no invoice: nothing would be checked")
    invoices = records(rows)
    lines = differences(invoices, model)
    for line in lines[:SHOWN]:
        print(f"  FAILED: {line}")
    if lines:
        sys.exit(f"the register differs from the model in {len(lines)} places")
    print(f"  ok: {len(invoices)} invoices, {len(totals_of_model(model))} totals equal to the kopeck")


if __name__ == "__main__":
    main()
