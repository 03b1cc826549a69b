"""Wrong solvers of `handbook-restructure`: mistakes that real editors make."""

from typing import Any

from solution import Options, Tracker, work

CAUGHT_BY = {
    "leaves_the_links": "no_dead_links",
    "leaves_redirects_everywhere": "no_more_redirects",
    "forgets_the_other_projects": "other_projects_links",
    "mends_the_other_project": "collateral",
    "rewrites_the_examples": "texts",
    "drops_the_texts_of_links": "link_texts",
    "goes_by_the_date": "texts",
    "asks_nobody": "owner_asked",
    "does_not_look_into_the_chat": "urgent_in_time",
    "answers_in_the_evening": "urgent_in_time",
    "takes_the_old_colour": "urgent_number",
    "deletes_what_is_to_be_merged": "merged",
    "forgets_the_places": "places",
    "forgets_the_headings": "headings",
    "leaves_the_start_page": "lists",
    "stops_half_way": "pages",
    "hands_no_list_in": "map",
    "calls_it_partial": "report",
}


def leaves_the_links() -> dict[str, Any]:
    """Renames the pages, and no link follows."""
    return work(Options(links=False))


def leaves_redirects_everywhere() -> dict[str, Any]:
    """Leaves the box for redirects as it stands in the form."""
    return work(Options(redirect_all=True))


def forgets_the_other_projects() -> dict[str, Any]:
    """Looks at the links of its own project alone."""
    return work(Options(other_projects=False))


def mends_the_other_project() -> dict[str, Any]:
    """Puts the new names into the pages of Sales."""
    report = work(Options())
    tracker = Tracker()
    text = tracker.text("Pitch deck", "sales")
    tracker.write("Pitch deck", f"{text}\nThe handbook has moved.\n", project="sales")
    return report


def rewrites_the_examples() -> dict[str, Any]:
    """Takes an example of a link for a link."""
    return work(Options(code=False))


def drops_the_texts_of_links() -> dict[str, Any]:
    """Writes bare links."""
    return work(Options(labels=False))


def goes_by_the_date() -> dict[str, Any]:
    """Takes the page on the logo that was changed last."""
    return work(Options(guess="date"))


def asks_nobody() -> dict[str, Any]:
    """Takes the page with the year in its name, and does not ask the owner."""
    return work(Options(guess="name"))


def does_not_look_into_the_chat() -> dict[str, Any]:
    """Works on, and sees no message."""
    return work(Options(chat=False))


def answers_in_the_evening() -> dict[str, Any]:
    """Finishes first, and answers then."""
    return work(Options(chat_late=True))


def takes_the_old_colour() -> dict[str, Any]:
    """Looks the number up on the page that was changed last."""
    return work(Options(colours="Colours 2019"))


def deletes_what_is_to_be_merged() -> dict[str, Any]:
    """Deletes the pages that are to be merged, with what they say."""
    return work(Options(merged_text=False))


def forgets_the_places() -> dict[str, Any]:
    """Renames, and lays no page below another one."""
    return work(Options(places=False))


def forgets_the_headings() -> dict[str, Any]:
    """Leaves the old names on the pages."""
    return work(Options(headings=False))


def leaves_the_start_page() -> dict[str, Any]:
    """Leaves the long list of the start page."""
    return work(Options(start_page=False))


def stops_half_way() -> dict[str, Any]:
    """Does the first half of the table."""
    return work(Options(part=12))


def hands_no_list_in() -> dict[str, Any]:
    """Leaves the list out."""
    return work(Options(listed=False))


def calls_it_partial() -> dict[str, Any]:
    """Has done everything and does not trust it."""
    return {**work(Options()), "status": "partial"}
