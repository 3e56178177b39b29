"""A written workbook, read by somebody else's program, against the sandbox's model of the right register.

    python register_check.py MODEL.json --xlsx REGISTER.xlsx      read by openpyxl
    python register_check.py MODEL.json --csv FOLDER PREFIX       converted by LibreOffice: FOLDER/PREFIX-*.csv
    python register_check.py --strip REGISTER.xlsx BARE.xlsx HALF.xlsx
                                                                  copies without the values of formulas, so that whoever
                                                                  opens them has to compute; HALF has every second
                                                                  invoice hidden, as by a filter
    python register_check.py --computed REGISTER.xlsx FOLDER BARE HALF
                                                                  the values of formulas beside those that LibreOffice
                                                                  computed from the copies

Columns are found by their titles. Every number is a decimal from the text of the cell. Ends with 0 when the register
equals the model to the kopeck, with 1 and the differences otherwise.
"""

import argparse
import csv
import json
import re
import sys
import zipfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

REGISTER, ROWS, TOTALS = "Реестр", "Строки", "Итоги"
SHEETS = (REGISTER, ROWS, TOTALS, "Проблемы", "Сведения")
OVER_SELLERS, TOTAL_NUMBER, IN_SELECTION = "По группе", "Номер итога", "Итого по отобранным строкам"
DAYS = {"Дата счёта": "date", "Дата отгрузки": "shipped_on", "Дата оплаты": "paid_on"}
TEXTS = {"ИНН": "inn", "КПП": "kpp", "ИНН нашей организации": "my_inn"}
AMOUNTS = {"Сумма с НДС": "gross", "Сумма без НДС": "net", "НДС": "vat", "НДС портала": "portal_vat"}
STATUSES = {"оплачен": "paid", "не оплачен": "open", "отменён": "cancelled"}
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
        # The totals below the invoices have no status.
        if text(row[STATUS])
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
        if begins(row[FACT], ALL) and text(row[COMPANY]) != OVER_SELLERS
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


def cells_that_differ(sheets, model):
    """Every cell of every invoice beside the model, found by the portal's id; and the sums of the product rows."""
    rows = {row["id"]: row for row in model["rows"]}
    columns = ("ID", NUMBER, STATUS, "Контрагент", COMPANY, CURRENCY, *DAYS, *TEXTS, *AMOUNTS)
    lines = []
    seen = set()
    for cells in table(REGISTER, sheets[REGISTER], columns):
        if not text(cells[STATUS]):
            continue
        key = int(decimal(cells["ID"]))
        wanted = rows.get(key)
        if wanted is None or key in seen:
            lines.append(f"invoice {key} is not in the model, or twice in the workbook")
            continue
        seen.add(key)
        client = (text(cells["Контрагент"]) or "").removesuffix(" (физлицо)") or None
        pairs = [(NUMBER, text(cells[NUMBER]), wanted["number"]), ("Контрагент", client, wanted["counterparty"]),
                 (COMPANY, text(cells[COMPANY]), wanted["my_company"]),
                 (CURRENCY, text(cells[CURRENCY]), wanted["currency"]),
                 (STATUS, STATUSES.get(text(cells[STATUS])), wanted["status"])]
        pairs += [(title, day(cells[title]), wanted[field]) for title, field in DAYS.items()]
        pairs += [(title, text(cells[title]), wanted[field]) for title, field in TEXTS.items()]
        pairs += [(title, money(decimal(cells[title])), money(wanted[field])) for title, field in AMOUNTS.items()]
        lines += [f"invoice {key}, {title}: workbook {got}, model {right}" for title, got, right in pairs if got != right]
    lines += [f"invoice {key} is missing" for key in rows.keys() - seen]
    return lines + rows_that_differ(sheets[ROWS], rows)


def rows_that_differ(sheet, rows):
    """The product rows of each invoice add up to what the model has per VAT rate."""
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for cells in table(ROWS, sheet, ("ID счёта", "Ставка НДС", GROSS, VAT)):
        rate = text(cells["Ставка НДС"])
        key = (int(decimal(cells["ID счёта"])), None if rate == "Без НДС" else Decimal(rate.removesuffix(" %")))
        for index, title in enumerate((GROSS, VAT)):
            sums[key][index] += decimal(cells[title])
    wanted = {
        (row["id"], None if rate["rate"] is None else Decimal(rate["rate"])): [money(rate["gross"]), money(rate["vat"])]
        for row in rows.values()
        for rate in row["vat_by_rate"]
    }
    got = {key: [money(value) for value in values] for key, values in sums.items()}
    return [f"rows of invoice {key}: workbook {got.get(key)}, model {wanted.get(key)}"
            for key in got.keys() | wanted.keys() if got.get(key) != wanted.get(key)]


def day(cell):
    """2026-03-31, from a date, from `2026-03-31 00:00:00`, from `31.03.2026` or from `03/31/2026`."""
    words = text(cell)
    if words is None:
        return None
    if "." in words:
        return "-".join(reversed(words.split(".")))
    if "/" in words:
        month, number, year = words.split("/")
        return f"{year}-{month}-{number}"
    return words[:10]


FORMULA = re.compile(rb"(<f>[^<]*</f>)<v>[^<]*</v>")
ROW = re.compile(rb'<row r="(\d+)"')


def strip(source, bare, half):
    """Copies the workbook without the values of its formulas; into `half` with every second invoice hidden."""
    invoices = len(invoices_of(from_xlsx(source)[REGISTER]))

    def hide(match):
        number = int(match.group(1))
        hidden = number > 1 and number <= invoices + 1 and number % 2 == 0
        return match.group(0) + (b' hidden="1"' if hidden else b"")

    for target, hiding in ((bare, False), (half, True)):
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for item in old.infolist():
                data = old.read(item)
                if item.filename.startswith("xl/worksheets/sheet"):
                    data = FORMULA.sub(rb"\1", data)
                if hiding and item.filename == "xl/worksheets/sheet1.xml":
                    data = ROW.sub(hide, data)
                new.writestr(item.filename, data)


def computed(path, folder, bare, half):
    """Differences between the values in the workbook and those that were computed from its copies."""
    import openpyxl

    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    sheets = from_csv(folder, bare)
    lines, checked, subtotals = [], 0, 0
    for name in SHEETS:
        for row in formulas[name].iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                checked += 1
                subtotals += "SUBTOTAL" in cell.value
                kept = values[name].cell(cell.row, cell.column).value
                found = sheets[name][cell.row - 1][cell.column - 1]
                same = text(kept) == text(found) if isinstance(kept, str) else money(decimal(kept)) == money(decimal(found))
                if not same:
                    lines.append(f"{name}!{cell.coordinate} {cell.value}: {kept} in the workbook, {found} computed")
    if not subtotals:
        lines.append("there is no SUBTOTAL")
    print(f"  ok: {checked} formulas, {subtotals} of them with SUBTOTAL" if not lines else "")
    return lines + visible_that_differ(from_csv(folder, half)[REGISTER])


def visible_that_differ(rows):
    """With every second invoice hidden, the totals below the register are those of the others."""
    header = [text(cell) for cell in rows[0]]
    place = {title: header.index(title) for title in (STATUS, COMPANY, CURRENCY, GROSS, VAT, "Контрагент")}
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    totals = {}
    for number, row in enumerate(rows[1:], start=2):
        group = (text(row[place[COMPANY]]), text(row[place[CURRENCY]]))
        if text(row[place[STATUS]]):
            shown = number % 2 == 1 and STATUSES.get(text(row[place[STATUS]])) in ("paid", "open")
            for index, title in enumerate((GROSS, VAT)):
                sums[group][index] += (decimal(row[place[title]]) or 0) if shown else 0
        elif text(row[place["Контрагент"]]) == IN_SELECTION:
            totals[group] = [money(decimal(row[place[title]])) for title in (GROSS, VAT)]
    if not totals:
        return ["there are no totals below the register"]
    return [f"totals of {group} with half of the rows hidden: {got}, the visible rows give {sums[group]}"
            for group, got in totals.items() if got != [money(value) for value in sums[group]]]


def show(values):
    return "nothing" if values is None else " ".join(str(value) for value in values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--xlsx", type=Path)
    parser.add_argument("--csv", nargs=2, metavar=("FOLDER", "PREFIX"))
    parser.add_argument("--strip", nargs=3, type=Path, metavar=("XLSX", "BARE", "HALF"))
    parser.add_argument("--computed", nargs=4, metavar=("XLSX", "FOLDER", "BARE", "HALF"))
    arguments = parser.parse_args()
    if arguments.strip:
        return strip(*arguments.strip)
    if arguments.computed:
        return close(computed(*arguments.computed), "the values of formulas differ")
    sheets = from_xlsx(arguments.xlsx) if arguments.xlsx else from_csv(*arguments.csv)
    model = json.loads(arguments.model.read_text(encoding="utf-8"))
    if not model["rows"]:
        sys.exit("the model has no invoice: nothing would be checked")
    close(differences(sheets, model) + cells_that_differ(sheets, model), "the workbook differs from the model")
    print(f"  ok: {len(model['rows'])} invoices, {len(sums_of_model(model))} totals and all product rows equal to the kopeck")


def close(lines, complaint):
    for line in lines[:SHOWN]:
        print(f"  FAILED: {line}")
    if lines:
        sys.exit(f"{complaint} in {len(lines)} places")


if __name__ == "__main__":
    main()
