"""What the data files say of a key for a version: the same rules as src/kernel/catalog_history.cc."""

import catalog_data as data

PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"


def between(seen, version, arrives):
    """From what was seen in the series of a release; see between() in catalog_history.cc."""
    below = above = None
    for release, present in sorted(seen):
        if release.series() != version.series():
            continue
        if release <= version:
            below = present
        if release >= version and above is None:
            above = present
    if above is not None and above != arrives:
        return PRESENT if above else ABSENT
    if below is not None and (below == arrives or below == above):
        return PRESENT if below else ABSENT
    return UNKNOWN


def existence(row, version):
    """By release alone, without a look at modules and build options."""
    if row["vendor"]:
        return UNKNOWN
    series = version.series()
    first = data.optional_version(row["first"]).series()
    if row["last"]:
        if series >= data.optional_version(row["removed_in"]).series():
            return ABSENT
        if series > data.optional_version(row["last"]).series():
            return UNKNOWN
    seen = data.parse_observations(row["stable"])
    same = [one for one in seen if one[0].series() == series]
    if same:
        return between(seen, version, series < first) if version.has_patch else UNKNOWN
    if series >= first:
        return PRESENT
    if seen and series > min(release.series() for release, _ in seen):
        return UNKNOWN
    if row["absent_before"] and series <= data.optional_version(row["absent_before"]).series():
        return ABSENT
    return UNKNOWN


def arrived(change, version):
    """Whether a kernel has a change: True, False, or None where nobody knows."""
    since = data.Version.parse(change["from"])
    before = data.optional_version(change["before"])
    if version.series() > since.series():
        return True
    if version.series() < since.series():
        return False if version.series() <= before.series() else None
    if since.patch == 0 or since.major == 2 or (version.has_patch and version >= since):
        return True
    if before.series() == since.series() and version.has_patch and version <= before:
        return False
    return None


def in_force(rows, version):
    """The rows of a key's history that may hold; one where it is certain."""
    current, other = None, None
    for row in (row for row in rows if not row["branch"]):
        state = True if current is None else arrived(row, version)
        if state is None:
            other = row
        if not state:
            break
        current = row
    for row in (row for row in rows if row["branch"]):
        if data.Version.parse(row["from"]).series() != version.series():
            continue
        state = arrived(row, version)
        if state:
            return [row]
        if state is None:
            other = row
    return [row for row in (current, other) if row is not None]
