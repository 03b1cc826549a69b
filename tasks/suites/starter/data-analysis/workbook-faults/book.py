"""The sound workbook: every sheet as a dict of cell addresses, before any fault is seeded."""

from __future__ import annotations

import datetime
import random
from typing import Any

from openpyxl.utils import get_column_letter

Sheets = dict[str, dict[str, Any]]

CATEGORIES = ("Espresso", "Filter", "Single origin", "Decaf", "Equipment")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PRODUCTS, FIRST = 44, 6
"""How many products there are, and the first row of order lines."""

LAST_PRODUCT = 4 + PRODUCTS
TABLE = f"Products!$A$5:$G${LAST_PRODUCT}"
ACCOUNTS = (
    "Rent roastery", "Rent office", "Electricity", "Gas", "Insurance (annual policy)", "Software",
    "Telephone", "Cleaning", "Machine maintenance", "Lab and cupping", "Trade fairs",
    "Advertising", "Travel", "Legal and audit", "Bank charges", "Waste disposal",
)  # fmt: skip
INSURANCE = 5 + 4


def lookup(row: int, column: int) -> str:
    """The lookup of a product's column for an order line."""
    return f"VLOOKUP($E{row},{TABLE},{column},FALSE)"


def sumifs(value: str, key: str, last: int, wanted: str) -> str:
    """The sum of an Orders column by another."""
    return f"=SUMIFS(Orders!${value}${FIRST}:${value}${last},Orders!${key}${FIRST}:${key}${last},{wanted})"


def _put(sheet: dict[str, Any], row: int, values: tuple[Any, ...] | list[Any]) -> None:
    for i, value in enumerate(values, 1):
        if value is not None:
            sheet[f"{get_column_letter(i)}{row}"] = value


def assumptions(rng: random.Random) -> dict[str, Any]:
    """Rates that the other sheets refer to; only some are in use."""
    sheet: dict[str, Any] = {"A1": "Assumptions 2025"}
    _put(sheet, 3, ("Item", "Value", "Unit", "Source"))
    rows = (
        ("US dollars per euro", round(rng.uniform(1.05, 1.15), 4), "USD/EUR", "Treasury, Jan"),
        ("Volume discount from", rng.choice((800, 900, 1200)), "packs", "Price policy"),
        ("Volume discount", rng.choice((0.06, 0.07, 0.08)), "rate", "Price policy"),
        ("Freight road", round(rng.uniform(0.34, 0.49), 2), "EUR/kg", "Haulier contract"),
        ("Freight rail", 0.29, "EUR/kg", "not used in this plan"),
        ("Freight courier", 1.95, "EUR/kg", "not used in this plan"),
        ("Green stock days", 45, "days", "Operations"),
        ("Roasting loss", 0.16, "rate", "Operations"),
        ("Social charges", round(rng.uniform(0.2, 0.23), 3), "rate", "Payroll office"),
        ("Pay round (already in salaries)", 0.031, "rate", "HR"),
        ("Pension, voluntary", 0.042, "rate", "HR, not used in this plan"),
        ("Sick pay experience", 0.018, "rate", "HR, not used in this plan"),
        ("Training levy", 0.012, "rate", "HR, not used in this plan"),
        ("Bad debt", 0.004, "rate", "Finance, not used in this plan"),
        ("Year-end provision", rng.randrange(9000, 16000, 500), "EUR", "Auditor's letter"),
    )
    for i, values in enumerate(rows, 4):
        _put(sheet, i, values)
    return sheet


def products(rng: random.Random) -> dict[str, Any]:
    """The price list, in no order of codes."""
    sheet: dict[str, Any] = {"A1": "Products and prices"}
    head = ("Code", "Product", "Category", "Pack g", "List price 2024 EUR", "List price 2025 EUR")
    _put(sheet, 4, (*head, "Purchase price USD"))
    codes = [f"C{n}" for n in rng.sample(range(1000, 9999), PRODUCTS)]
    for i, code in enumerate(codes):
        category = CATEGORIES[i % len(CATEGORIES)]
        grams = rng.choice((250, 350, 500, 750, 1000))
        old = round(rng.uniform(0.016, 0.03) * grams + 2, 2)
        new = round(old * rng.uniform(1.04, 1.11), 2)
        name = f"{rng.choice(('Altura', 'Brisa', 'Cerro', 'Dorado', 'Fjord', 'Loma'))} {code[1:3]} {grams} g"
        cost = round(old * rng.uniform(0.42, 0.6), 2)
        _put(sheet, 5 + i, (code, name, category, grams, old, new, cost))
    return sheet


def order_lines(
    rng: random.Random, codes: list[str], clients: list[str], count: int
) -> dict[str, Any]:
    """Order lines with their formulas and a total row."""
    sheet: dict[str, Any] = {"A1": "Order book 2025 (firm and forecast lines)"}
    head = ("Line", "Delivery", "Month", "Customer", "Product", "Category", "Packs", "Basis")
    tail = ("Price EUR", "Discount", "Net EUR", "Weight kg", "Cost EUR", "Freight EUR")
    _put(sheet, 5, (*head, *tail))
    start = datetime.datetime(2025, 1, 2)
    for i in range(count):
        r = FIRST + i
        day = start + datetime.timedelta(days=i * 358 // count)
        contract = rng.random() < 0.12
        packs = rng.choice((240, 360, 480, 600, 720, 800, 900, 960, 1200, 1440, 1800, 2880))
        price: Any = round(rng.uniform(7, 24), 2) if contract else f"={lookup(r, 6)}"
        values = (
            f"L{1001 + i}", day, f"=MONTH(B{r})", rng.choice(clients), rng.choice(codes),
            f"={lookup(r, 3)}", packs, "C" if contract else "L", price,
            f'=IF(H{r}="C",0,IF(G{r}>=Assumptions!$B$5,Assumptions!$B$6,0))',
            f"=ROUND(G{r}*I{r}*(1-J{r}),2)",
            f"=G{r}*{lookup(r, 4)}/1000",
            f"=ROUND(G{r}*{lookup(r, 7)}/Assumptions!$B$4,2)",
            f"=ROUND(L{r}*Assumptions!$B$7,2)",
        )  # fmt: skip
        _put(sheet, r, values)
    last = FIRST + count - 1
    sheet[f"A{last + 2}"] = "Total"
    for column in "KLMN":
        sheet[f"{column}{last + 2}"] = f"=SUM({column}{FIRST}:{column}{last})"
    return sheet


def staff(rng: random.Random) -> dict[str, Any]:
    """Positions; leavers' months are counted to their last month."""
    sheet: dict[str, Any] = {"A1": "Staff plan 2025"}
    head = ("Position", "Team", "Remark", "Salary EUR/month", "FTE", "From month", "To month")
    _put(sheet, 4, (*head, "Months", "Year cost EUR"))
    teams = ("Roastery", "Sales", "Logistics", "Quality", "Office")
    leavers = rng.sample(range(5, 35), 3)
    for r in range(5, 35):
        first = rng.choice((1, 1, 1, 1, 3, 5, 9))
        last = rng.randrange(first, 12) if r in leavers else None
        months = f"=G{r}-F{r}+1" if last else f"=13-F{r}"
        salary, share = rng.randrange(2600, 5400, 20), rng.choice((1, 1, 0.8, 0.5))
        cost = f"=ROUND(D{r}*E{r}*H{r}*(1+Assumptions!$B$12),2)"
        remark = "leaves, see To month" if last else None
        _put(
            sheet,
            r,
            (f"P{r + 96}", rng.choice(teams), remark, salary, share, first, last, months, cost),
        )
    _put(sheet, 35, ("Total",) + (None,) * 7 + ("=SUM(I5:I34)",))
    return sheet


def overheads(rng: random.Random) -> dict[str, Any]:
    """Accounts by month; the insurance is spread from its annual sum."""
    sheet: dict[str, Any] = {"A1": "Overheads 2025, EUR"}
    _put(sheet, 4, ("Account", "Name", *MONTHS, "Year"))
    for i, name in enumerate(ACCOUNTS):
        r = 5 + i
        base = rng.randrange(300, 4200, 10)
        months: list[Any] = [round(base * rng.uniform(0.9, 1.1), 2) for _ in MONTHS]
        year: Any = f"=SUM(C{r}:N{r})"
        if r == INSURANCE:
            months, year = [f"=$O{r}/12"] * 12, rng.randrange(14000, 22000, 120)
        _put(sheet, r, (6100 + 10 * i, name, *months, year))
    _put(sheet, 21, ("Total", None, *[f"=SUM({get_column_letter(c)}5:{get_column_letter(c)}20)" for c in range(3, 16)]))  # fmt: skip
    return sheet


def monthly(last: int) -> dict[str, Any]:
    """The months; December bears the year-end provision."""
    sheet: dict[str, Any] = {"A1": "Plan by month, EUR"}
    head = ("No.", "Month", "Revenue", "Cost of goods", "Freight", "Staff", "Overheads", "Result")
    _put(sheet, 4, head)
    for m, name in enumerate(MONTHS, 1):
        r = 4 + m
        sums = [sumifs(column, "C", last, f"$A{r}") for column in "KMN"]
        over = f"=Overheads!{get_column_letter(2 + m)}$21" + (
            "+Assumptions!$B$18" if m == 12 else ""
        )
        result = f"=C{r}-D{r}-E{r}-F{r}-G{r}"
        _put(sheet, r, (m, name, *sums, "=Staff!$I$35/12", over, result))
    _put(sheet, 17, ("Year", None, *[f"=SUM({c}5:{c}16)" for c in "CDEFGH"]))
    return sheet


def summary(last: int) -> dict[str, Any]:
    """The headline and the table by category."""
    sheet: dict[str, Any] = {"A1": "Operating plan 2025: summary"}
    rows = (
        ("Revenue", "=Monthly!C17"), ("Cost of goods", "=Monthly!D17"),
        ("Freight", "=Monthly!E17"), ("Gross margin", "=B4-B5-B6"), ("Staff", "=Monthly!F17"),
        ("Overheads", "=Monthly!G17"), ("Operating result", "=B7-B8-B9"),
        ("Return on sales", "=B10/B4"),
    )  # fmt: skip
    _put(sheet, 3, ("Item", "EUR"))
    for i, values in enumerate(rows, 4):
        _put(sheet, i, values)
    _put(sheet, 14, ("Category", "Revenue EUR", "Weight kg", "Share"))
    for r, name in enumerate(CATEGORIES, 15):
        sums = [sumifs(column, "F", last, f"$A{r}") for column in "KL"]
        _put(sheet, r, (name, *sums, f"=B{r}/$B$20"))
    _put(sheet, 20, ("Total", "=SUM(B15:B19)", "=SUM(C15:C19)", "=SUM(D15:D19)"))
    return sheet


def notes() -> dict[str, Any]:
    """What every column is meant to be."""
    lines = (
        "Model notes. They say what each formula is meant to do; where a cell differs, the cell is wrong.",
        "Orders, Price: basis L takes the 2025 list price of the product; basis C is a contract price, typed from the contract.",
        "Orders, Discount: basis L gets the volume discount from the threshold on (a line of exactly the threshold gets it); basis C gets none.",
        "Orders, Net: packs x price x (1 - discount), rounded to cents.",
        "Orders, Weight: packs x pack size, in kilograms (the product list has grams).",
        "Orders, Cost: packs x purchase price, turned from US dollars into euros, rounded to cents.",
        "Orders, Freight: weight x road rate, rounded to cents.",
        "Staff, Months: from the first month to December, or to the last month of those who leave.",
        "Staff, Year cost: salary x FTE x months x (1 + social charges), rounded to cents.",
        "Overheads: months are typed from the account plan and summed. The insurance is the other way round: the annual premium is typed and spread evenly.",
        "Monthly: order lines by delivery month (all lines of the book); staff cost evenly over the year; overheads of the month. December also bears the year-end provision.",
        "Summary: the year from Monthly. The table by category covers all order lines.",
        "A typed number in a formula cell is allowed only where the sheet Overrides lists that cell with status approved.",
    )
    return {f"A{i}": line for i, line in enumerate(lines, 1)}


def sound(rng: random.Random, clients: list[str]) -> tuple[Sheets, int]:
    """The whole workbook without Overrides, and the last row of order lines."""
    count = rng.randrange(236, 262)
    last = FIRST + count - 1
    price_list = products(rng)
    codes = [price_list[f"A{r}"] for r in range(5, LAST_PRODUCT + 1)]
    sheets = {
        "Notes": notes(),
        "Summary": summary(last),
        "Monthly": monthly(last),
        "Orders": order_lines(rng, codes, clients, count),
        "Products": price_list,
        "Staff": staff(rng),
        "Overheads": overheads(rng),
        "Assumptions": assumptions(rng),
    }
    return sheets, last
