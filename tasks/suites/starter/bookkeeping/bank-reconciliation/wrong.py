"""Wrong solvers of `bank-reconciliation`: mistakes that real bookkeepers make."""

from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from solution import Options, work

CAUGHT_BY = {
    "interim_statement": "balances",
    "forgets_last_month": "bank_items",
    "keeps_stale_cheques": "ledger_items",
    "overlooks_the_duplicate": "ledger_items",
    "takes_twins_for_duplicates": "ledger_items",
    "trusts_the_bank": "bank_items",
    "blames_the_bank": "ledger_items",
    "plugs_the_difference": "no_suspense",
    "posts_into_the_closed_month": "open_period_only",
    "journal_on_one_side": "journal_balanced",
    "nets_fees_and_interest": "ledger_items",
    "turns_the_signs": "bank_items",
    "mends_the_cash_book": "collateral",
    "forgets_the_journal": "journal_accounts",
    "dates_items_by_the_day_of_work": "item_dates",
    "leaves_the_memo_empty": "journal_memos",
}


def interim_statement() -> dict[str, Any]:
    """Takes the interim download for the final statement."""
    return work(Options(interim=True))


def forgets_last_month() -> dict[str, Any]:
    """Does not carry forward what was open a month ago."""
    return work(Options(carry_forward=False))


def keeps_stale_cheques() -> dict[str, Any]:
    """Leaves a stale cheque among the outstanding ones."""
    return work(Options(stale=False))


def overlooks_the_duplicate() -> dict[str, Any]:
    """Takes an entry that was booked twice for a payment that is still outstanding."""
    return work(Options(duplicates="overlooked"))


def takes_twins_for_duplicates() -> dict[str, Any]:
    """Reverses payments that are right but have equal amounts."""
    return work(Options(duplicates="by amount"))


def trusts_the_bank() -> dict[str, Any]:
    """Corrects the cash book wherever the bank shows something else."""
    return work(Options(register=False))


def blames_the_bank() -> dict[str, Any]:
    """Takes every different amount for an error of the bank."""
    return work(Options(credit_to_bank=True))


def plugs_the_difference() -> dict[str, Any]:
    """Posts what cannot be explained to suspense."""
    return work(Options(suspense=True))


def posts_into_the_closed_month() -> dict[str, Any]:
    """Dates the entries into a period that is closed."""
    return work(Options(month_before=True))


def journal_on_one_side() -> dict[str, Any]:
    """Books the cash account and forgets the accounts against it."""
    return work(Options(one_sided=True))


def nets_fees_and_interest() -> dict[str, Any]:
    """Shows fees and interest in one sum."""
    return work(Options(net_fees=True))


def turns_the_signs() -> dict[str, Any]:
    """Shows outstanding cheques as positive amounts."""
    return work(Options(flipped=True))


def mends_the_cash_book() -> dict[str, Any]:
    """Corrects the export of the cash book as well."""
    report = work(Options())
    path = next(Path("finance/ledger").glob("*.xlsx"))
    book = load_workbook(path)
    book.worksheets[0].append(["", None, "ADJ", "", "", "Adjustments", "", None, None, None])
    book.save(path)
    return report


def forgets_the_journal() -> dict[str, Any]:
    """Hands in the reconciliation alone."""
    report = work(Options())
    Path("finance/month-end/journal.csv").unlink()
    return report


def dates_items_by_the_day_of_work() -> dict[str, Any]:
    """Dates the items by the day on which the reconciliation is made."""
    return work(Options(dated_by_hand=True))


def leaves_the_memo_empty() -> dict[str, Any]:
    """Writes journal entries that do not say what they are for."""
    return work(Options(memos=False))
