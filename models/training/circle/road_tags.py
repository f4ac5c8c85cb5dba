"""Which ways of OpenStreetMap are for people on foot and which for e-bikes, and in which direction, by their tags.

After the tables of access by country (wiki.openstreetmap.org, "OSM tags for routing/Access restrictions", China); an e-bike here
is the electric bicycle of GB 17761, which rides where bicycles do.
"""

from collections.abc import Mapping

from models.training.circle.ways import Way

Tags = Mapping[str, str]

STREETS = frozenset(
    {
        "primary",
        "primary_link",
        "secondary",
        "secondary_link",
        "tertiary",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
        "track",
        "trunk_link",
        "trunk",  # in towns it has a lane for bicycles; expressways say `motorroad` or `bicycle=no`
    }
)
FOR_ALL = {
    Way.FOOT: STREETS | {"footway", "pedestrian", "steps", "path", "cycleway", "corridor", "bridleway"},
    Way.EBIKE: STREETS | {"cycleway"},
}
IF_SAID = {  # open to it only where its own tag says so
    Way.FOOT: frozenset[str](),
    Way.EBIKE: frozenset({"path", "pedestrian", "footway", "bridleway"}),
}
OWN = {Way.FOOT: "foot", Way.EBIKE: "bicycle"}
YES = frozenset({"yes", "designated", "permissive", "official"})
NO = frozenset({"no", "private", "use_sidepath", "dismount", "military", "forestry", "agricultural"})
BACK = frozenset({"-1", "reverse"})


def may_use(way: Way, tags: Tags) -> bool:
    """Whether people on foot, or e-bikes, may use it. A way's own tag goes before the general one."""
    kind, own = tags.get("highway", ""), tags.get(OWN[way], "")
    if own in YES:
        return kind in FOR_ALL[way] | IF_SAID[way] or kind == "steps"
    if own in NO or tags.get("motorroad") == "yes" or tags.get("area") == "yes":
        return False
    return kind in FOR_ALL[way] and tags.get("access", "") not in NO


def directions(way: Way, tags: Tags) -> tuple[bool, bool]:
    """Whether it may be used along its nodes, and against them. On foot always both."""
    if way is Way.FOOT:
        return True, True
    said = tags.get("oneway:bicycle", "") or tags.get("oneway", "")
    if tags.get("cycleway", "").startswith("opposite") or said in {"no", "false", "0"}:
        return True, True
    if said in BACK:
        return False, True
    is_oneway = said in {"yes", "true", "1"} or tags.get("junction") in {"roundabout", "circular"}
    return True, not is_oneway
