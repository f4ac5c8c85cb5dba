"""Training sites of the scene: every other community has one, the far ones in the evening only; so that no map is full or empty."""

from models.base import uuid7
from models.training.tables import Site
from tests.make import Maker
from wufang import demo_district

EVERY = 3  # communities to a site
DAY, EVENING = (480, 1080), (1080, 1320)


def tell_sites(make: Maker) -> None:
    """Open the sites."""
    made = demo_district.plan()
    communities = [one for one in made.organisations.values() if one.party == "community"][::EVERY]
    make.database.write(
        lambda session: session.add_all(
            [_site(number, one, made.district.id) for number, one in enumerate(communities)]
        )
    )


def _site(number: int, community, district_id) -> Site:
    first, last = EVENING if number % 4 == 3 else DAY
    return Site(
        id=uuid7(),
        district_id=district_id,
        code=f"scene-site-{number:02}",
        name_zh=f"{community.name_zh}实训点",
        name_en=f"{community.name_en} training site",
        address=f"{community.name_zh}党群服务中心二楼",
        community_id=community.id,
        owner_id=community.id,
        latitude=community.latitude + 0.002,
        longitude=community.longitude + 0.002,
        capacity=30,
        equipment=["projector"],
        hours=[[weekday, first, last] for weekday in range(1, 7)],
    )
