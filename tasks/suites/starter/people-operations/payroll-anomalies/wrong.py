"""Mistakes that people make when they check a payroll run."""

from typing import Any

from solution import STALE, rows, solve

CAUGHT_BY = {
    "uses_the_old_export": "no_false_alarms",
    "keys_of_the_old_export": "all_identified",
    "ignores_the_correction": "no_false_alarms",
    "believes_the_team_lead": "employment_dates",
    "flags_every_shared_account": "no_false_alarms",
    "any_form_will_do": "shared_accounts",
    "compares_accounts_as_typed": "shared_accounts",
    "one_cap_for_all": "no_false_alarms",
    "counts_refused_hours": "overtime",
    "trusts_the_master": "pay_changes",
    "takes_the_managers_word": "pay_changes",
    "prorates_by_working_days": "no_false_alarms",
    "does_not_look_back": "pay_changes",
    "names_in_the_reason": "no_personal_data",
    "initial_and_last_name": "no_personal_data",
    "end_of_the_account": "no_personal_data",
    "employee_numbers": "no_personal_data",
    "same_reason_everywhere": "reasons_given",
    "amounts_without_sign": "amounts",
}


def uses_the_old_export() -> dict[str, Any]:
    """Compares with the master data of March."""
    return solve(master=STALE)


def keys_of_the_old_export() -> dict[str, Any]:
    """Takes the audit keys from the export of March, where they are void."""
    return solve(keys=STALE)


def ignores_the_correction() -> dict[str, Any]:
    """Does not read the mail by which HR Operations corrected a last day."""
    return solve(mail=False)


def believes_the_team_lead() -> dict[str, Any]:
    """Takes a mail from anyone as a correction of master data."""
    return solve(any_sender=True)


def flags_every_shared_account() -> dict[str, Any]:
    """Does not look at the forms."""
    return solve(no_form=True)


def any_form_will_do() -> dict[str, Any]:
    """Counts forms that are pending or withdrawn."""
    return solve(any_form=True)


def compares_accounts_as_typed() -> dict[str, Any]:
    """Does not see that an account with blanks is the same as one without."""
    return solve(spaces=True)


def one_cap_for_all() -> dict[str, Any]:
    """Overlooks that Plant maintenance has a cap of its own."""
    return solve(one_cap=True)


def counts_refused_hours() -> dict[str, Any]:
    """Adds up all time sheets, also those not approved."""
    return solve(all_hours=True)


def trusts_the_master() -> dict[str, Any]:
    """Takes a salary in the master data as approved."""
    return solve(trust_master=True)


def takes_the_managers_word() -> dict[str, Any]:
    """Takes the line manager's mail as the approval of a raise."""
    submitted = [r["employee_id"] for r in rows("hr/pay-changes.csv") if r["status"] == "submitted"]
    return solve(also_approved=frozenset(submitted))


def prorates_by_working_days() -> dict[str, Any]:
    """Shares the month by working days, not by calendar days."""
    return solve(working_days=True)


def does_not_look_back() -> dict[str, Any]:
    """Does not compare retro pay with last month's run."""
    return solve(look_back=False)


def names_in_the_reason() -> dict[str, Any]:
    """Identifies by key, and then writes the name into the reason."""
    return solve(remark=lambda p: f" ({p['first_name']} {p['last_name']})")


def initial_and_last_name() -> dict[str, Any]:
    """Thinks that an initial and a name in capitals, umlauts written out, is no name."""
    plain = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})
    return solve(
        remark=lambda p: f" ({p['first_name'][0]}. {p['last_name'].upper().translate(plain)})"
    )


def end_of_the_account() -> dict[str, Any]:
    """Masks the account and leaves enough of it."""
    return solve(remark=lambda p: f" (account ...{p['iban'][-10:]})")


def same_reason_everywhere() -> dict[str, Any]:
    """Writes the same remark beside every finding."""
    return solve(explain=lambda reason: "Not in line with the policy, to be checked")


def employee_numbers() -> dict[str, Any]:
    """Identifies employees by their number."""
    return solve(identify=lambda p: str(p["employee_id"]))


def amounts_without_sign() -> dict[str, Any]:
    """Gives an underpayment as a positive amount."""
    return solve(figure=abs)
