"""A road graph from an OpenStreetMap extract: read once, kept as numbers under the extract's hash, asked for shortest ways.

A graph for each way of moving: nodes are those of the extract, an edge's weight is its length in metres. Points are snapped to
the nearest node; the bit to it is the straight line, made longer as where there is no map.
"""

import hashlib
import os
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmium.filter
import osmium.osm
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from models.errors import RuleBroken
from models.training.circle.road_tags import directions, may_use
from models.training.circle.ways import Matrix, Spot, Vectors, Way, arc, vectors
from models.words import N_

FORM = 1  # of the kept file
ISLAND = 0.05  # a piece with fewer nodes than this share of the largest one is no network: a yard, a stray line
BLOCK = 1 << 20
KEPT_ANSWERS = 8


class ExtractUnreadable(RuleBroken):
    """No extract, or none with roads in it."""

    sentence = N_("{file} is no OpenStreetMap extract with roads. Give an .osm or .osm.pbf file in WUFANG_ROADS.")
    status = 422


@dataclass(frozen=True, slots=True)
class Network:
    """One way's graph. `spots`: unit vectors of its nodes, [n, 3]; `graph`: n × n, metres from row to column."""

    spots: Vectors
    graph: Any

    def snap(self, points: Sequence[Spot]) -> tuple[NDArray[np.int64], Vectors]:
        """The nearest node of each point, and how many metres away it is in a straight line."""
        chord, node = KDTree(self.spots).query(vectors(points))
        return np.asarray(node, np.int64), arc(np.asarray(chord))


@dataclass(frozen=True, eq=False, slots=True)
class Roads:
    """The networks of an extract; `key`: its hash. Two are the same only where they are one and the same object."""

    key: str
    networks: Mapping[Way, Network]
    detour: float

    @property
    def is_by_road(self) -> bool:
        """Yes."""
        return True

    def metres(self, way: Way, sites: Sequence[Spot], points: Sequence[Spot], limit: float) -> Matrix:
        """From each point to each site along the roads; infinite beyond `limit`. The last few answers are kept."""
        return _metres(self, way, tuple(sites), tuple(points), limit)


@lru_cache(maxsize=KEPT_ANSWERS)
def _metres(roads: Roads, way: Way, sites: tuple[Spot, ...], points: tuple[Spot, ...], limit: float) -> Matrix:
    found = np.full((len(sites), len(points)), np.inf, np.float32)
    network = roads.networks[way]
    if not sites or not points or not len(network.spots):
        return found
    node, off = network.snap(points)
    ends, ends_off = network.snap(sites)
    back = network.graph.T.tocsr()  # from the site against the traffic: the way goes to it
    for row, end in enumerate(ends):
        along = dijkstra(back, indices=end, limit=limit)
        found[row] = along[node] + (off + ends_off[row]) * roads.detour
    found.flags.writeable = False  # it is shared
    return found


def kept_path(folder: Path, extract: Path) -> Path:
    """Where the graph of this extract is kept. Raises `ExtractUnreadable` where there is no such file."""
    try:
        told = extract.stat()
        return folder / f"{_digest(extract, told.st_mtime_ns, told.st_size)[:32]}-{FORM}.npz"
    except OSError:
        raise ExtractUnreadable(file=extract.name) from None


@lru_cache(maxsize=4)
def _digest(extract: Path, changed: int, size: int) -> str:  # noqa: ARG001 - a file that changed is hashed anew
    digest = hashlib.sha256()
    with extract.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def prepare(folder: Path, extract: Path) -> Path:
    """Read the extract and keep its graph, unless that is done already. A minute for a province. Raises `ExtractUnreadable`."""
    path = kept_path(folder, extract)
    if not path.exists():
        networks = read_networks(extract)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.stem}.{os.getpid()}.npz")  # whole or not at all
        np.savez(fresh, allow_pickle=False, **_numbers(networks))
        fresh.replace(path)
    return path


def kept_roads(folder: Path, extract: Path | None, detour: float) -> Roads | None:
    """The graph of the extract where it has been prepared; None without, or where no extract is given."""
    if extract is None:
        return None
    try:
        path = kept_path(folder, extract)
    except ExtractUnreadable:
        return None
    return load(path, detour) if path.exists() else None


@lru_cache(maxsize=2)
def load(path: Path, detour: float) -> Roads:
    """A kept graph."""
    with np.load(path, allow_pickle=False) as kept:
        networks = {way: _network({name: kept[f"{way.value}_{name}"] for name in PARTS}) for way in Way}
    return Roads(path.stem, networks, detour)


PARTS = ("spots", "data", "indices", "indptr")


def _numbers(networks: Mapping[Way, Network]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for way, one in networks.items():
        graph = one.graph
        for name, part in zip(PARTS, (one.spots, graph.data, graph.indices, graph.indptr), strict=True):
            numbers[f"{way.value}_{name}"] = part
    return numbers


def _network(parts: Mapping[str, Any]) -> Network:
    count = len(parts["spots"])
    graph = csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=(count, count))
    return Network(parts["spots"], graph)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where nodes are, one beside the other: number, latitude, longitude. A node of two ways is there twice."""

    refs: "array[int]"
    latitudes: "array[float]"
    longitudes: "array[float]"


Steps = Mapping[Way, tuple["array[int]", "array[int]"]]


def read_networks(extract: Path) -> dict[Way, Network]:
    """The networks of an extract (.osm, .osm.pbf). Raises `ExtractUnreadable`."""
    steps: Steps = {way: (array("q"), array("q")) for way in Way}
    places = _Places(array("q"), array("d"), array("d"))
    try:
        walk = osmium.FileProcessor(str(extract)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
        for one in walk:
            if isinstance(one, osmium.osm.Way):
                _take(one, steps, places)
    except (RuntimeError, OSError, ValueError):
        raise ExtractUnreadable(file=extract.name) from None
    if not places.refs:
        raise ExtractUnreadable(file=extract.name)
    refs, first = np.unique(np.frombuffer(places.refs, np.int64), return_index=True)
    spots = np.column_stack((np.frombuffer(places.latitudes)[first], np.frombuffer(places.longitudes)[first]))
    return {way: _linked(*steps[way], refs, spots) for way in Way}


def _take(one: Any, steps: Steps, places: _Places) -> None:
    """One way of the extract: its steps from node to node, for those who may use it. Nodes outside the extract are left out."""
    tags = dict(one.tags)
    users = [way for way in Way if may_use(way, tags)]
    if not users:
        return
    nodes = [node for node in one.nodes if node.location.valid()]
    refs = [node.ref for node in nodes]
    places.refs.extend(refs)
    places.latitudes.extend(node.location.lat for node in nodes)
    places.longitudes.extend(node.location.lon for node in nodes)
    for way in users:
        there, back = directions(way, tags)
        starts, ends = steps[way]
        if there:
            starts.extend(refs[:-1])
            ends.extend(refs[1:])
        if back:
            starts.extend(refs[1:])
            ends.extend(refs[:-1])


def _linked(starts: "array[int]", ends: "array[int]", refs: NDArray[np.int64], spots: Vectors) -> Network:
    """The graph of these steps, without its islands."""
    if not starts:
        return Network(np.empty((0, 3)), csr_array((0, 0), dtype=np.float64))
    begin, end = (np.searchsorted(refs, np.frombuffer(one, np.int64)) for one in (starts, ends))
    begin, end = np.divmod(np.unique(begin * len(refs) + end), len(refs))  # a step that two ways share counts once
    nodes = vectors(spots)
    lengths = np.maximum(
        arc(np.linalg.norm(nodes[begin] - nodes[end], axis=1)), 0.01
    )  # of no length it would be no edge
    graph = csr_array((lengths, (begin, end)), shape=(len(refs), len(refs)))
    _, piece = connected_components(graph, directed=True, connection="weak")
    sizes = np.bincount(piece)
    stays = np.flatnonzero(sizes[piece] >= max(ISLAND * sizes.max(), 2))
    return Network(nodes[stays], graph[stays][:, stays].tocsr())
