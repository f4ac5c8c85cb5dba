"""The chapters: upload, preview, import, consultation, escalation, resolution, passes, letters, record."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from flows.access_filing import access_filing
from flows.letters import letters
from models import verifying
from models.district import Compound, Organisation
from models.notice import tables
from models.notice.tables import NoticeStatus
from wufang.story.telling import NotSo, Teller, see, see_all
from wufang.story.world import World

SAMPLE = Path(__file__).resolve().parents[2] / "models" / "samples" / "riders-2026-11.xlsx"
COMPANY = "合家安物业"
COMMUNITY, COUNCIL, STREET = "新兴社区", "新兴社区党群议事会", "定和街道"
HOUSING, LEAD, MARKET = "区住房和城乡建设局", "区委社会工作部", "区市场监督管理局"
WRONG_RIDERS = ["7", "13", "21", "34", "80", "88", "95", "110", "116"]
EXCEPTED = {5: "居民反映多次逆行", 18: "曾与居民发生争执，请先说明"}
MAIL = {
    COMPANY: "hejiaan@wuye.example",
    COMMUNITY: "xinxing@shequ.example",
    COUNCIL: "xinxing@yishihui.example",
    STREET: "dinghe@jiedao.example",
    HOUSING: "housing@shanyang.example",
    LEAD: "admin@shanyang.example",
}
Seat = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What the chapters share: the world, the teller, and a token for each organisation's officer."""

    world: World
    teller: Teller
    tokens: dict[str, dict[str, str]]

    def ask(self, organisation: str, method: str, path: str, **said: Any) -> Any:
        """What the API answers to that organisation's officer. Raises `NotSo` for a refusal."""
        headers = self.tokens[organisation] | said.pop("headers", {})
        answer = self.world.http.request(method, f"/api/v1{path}", headers=headers, **said)
        if answer.is_error:
            raise NotSo(f"{method} {path} succeeds for {organisation}: {answer.status_code} {answer.text}")
        return answer.json()

    def round(self) -> int:
        """One round of filings and one of letters at the story's instant, each a Prefect run; how many letters left."""
        at = self.world.clock()
        access_filing(at=at)
        return letters(at=at).moved

    def filing(self, reference: str) -> dict[str, Any]:
        """The filing as its company reads it."""
        return self.ask(COMPANY, "GET", f"/filings/{reference}")

    def asked(self, reference: str) -> dict[str, Seat]:
        """The seats that are asked and silent, by organisation."""
        stages = self.filing(reference)["stages"]
        seats = [seat for stage in stages for seat in stage["seats"] if seat["status"] == "asked"]
        return {seat["organisation"]["zh"]: seat for seat in seats}

    def say(self, organisation: str, seat: Seat, **opinion: Any) -> dict[str, Any]:
        """Give an opinion on a seat in the version that was read."""
        path, version = f"/seats/{seat['id']}/opinion", {"If-Match": f'"{seat["version"]}"'}
        return self.ask(organisation, "PUT", path, json=opinion, headers=version)

    def letters_since(self, reference: str, before: int) -> list[tuple[str, str]]:
        """The letters of a filing after the first `before`: kind and organisation."""
        listed = self.filing(reference)["letters"]
        return [(one["letter"], one["organisation"]["zh"]) for one in listed][before:]


def tell(world: World, teller: Teller) -> None:
    """The whole story. Raises `NotSo`."""
    story = Story(world, teller, {name: world.token(mail) for name, mail in MAIL.items()})
    upload_id = upload(story)
    reference = file_it(story, upload_id)
    open_it(story, reference)
    neighbours_answer(story, reference)
    due_at = street_stays_silent(story, reference)
    escalate(story, reference, due_at)
    district_answers(story, reference)
    conclude(story, reference)
    verify(story, reference)


def upload(story: Story) -> str:
    """The clerk uploads the platform's workbook and sees what is wrong with it."""
    story.teller.step("物业上传骑手名单", "The clerk uploads the platform's workbook")
    compound = _compound(story)
    kept = story.ask(
        COMPANY,
        "POST",
        "/uploads",
        files={"file": (SAMPLE.name, SAMPLE.read_bytes())},
        data={"compounds": [compound["id"]]},
    )
    preview = story.ask(COMPANY, "GET", f"/uploads/{kept['upload_id']}", params={"only_wrong": True})
    see("rows read, right, wrong", [preview["counts"][one] for one in ("total", "good", "wrong")], [120, 111, 9])
    see("the wrong riders", [row["number"] for row in preview["rows"]], WRONG_RIDERS)
    story.teller.detail(f"{compound['name']['zh']}: 120 行 rows, 111 正确 right, 9 有误 wrong")
    for row in preview["rows"]:
        fault = row["faults"][0]
        story.teller.detail(f"  {row['number']:>4} {fault['cell']:<5} {fault['detail']}")
    return kept["upload_id"]


def _compound(story: Story) -> dict[str, Any]:
    """A compound of the community that the company manages."""
    with story.world.database.reading() as session:
        managed = select(Compound.code).join(Organisation, Compound.community_id == Organisation.id)
        codes = session.scalars(managed.where(Organisation.name_zh == COMMUNITY)).all()
    me = story.ask(COMPANY, "GET", "/me")
    return next(one for one in me["compounds"] if one["code"] in codes)


def file_it(story: Story, upload_id: str) -> str:
    """Only the right rows are filed; the same file again changes nothing."""
    story.teller.step("导入正确的行", "The right rows are filed")
    wanted = {"mode": "only_right"}
    filed = story.ask(COMPANY, "POST", f"/uploads/{upload_id}/import", json=wanted)
    see("a new filing", filed["is_new"], expected=True)
    again = story.ask(COMPANY, "POST", f"/uploads/{upload_id}/import", json=wanted)
    see("the same file again", (again["reference"], again["is_new"]), (filed["reference"], False))
    see("lines", story.filing(filed["reference"])["line_count"], 111)
    story.teller.detail(
        f"{filed['reference']}: 111 名骑手 riders; 重复上传不产生新备案 the same file again files nothing"
    )
    return filed["reference"]


def open_it(story: Story, reference: str) -> None:
    """The round opens the consultation and writes to the parties."""
    story.round()
    story.teller.step("系统开启五方协商", "The round opens the consultation and writes to the parties")
    see_all("who is asked", story.asked(reference), [COMMUNITY, COUNCIL])
    expected = [("copy", STREET), ("invitation", COMMUNITY), ("invitation", COUNCIL)]
    see_all("letters", set(story.letters_since(reference, 0)), expected)
    _tell_letters(story, reference, 0)


def neighbours_answer(story: Story, reference: str) -> None:
    """The council agrees; the community agrees but for two riders."""
    seats = story.asked(reference)
    story.say(COUNCIL, seats[COUNCIL], kind="agree")
    story.teller.step("党群议事会同意", "The council agrees")
    exceptions = [{"line": line, "reason": reason} for line, reason in EXCEPTED.items()]
    given = story.say(COMMUNITY, seats[COMMUNITY], kind="agree", exceptions=exceptions)
    see("the stage is settled at the click", given["is_stage_settled"], expected=True)
    story.teller.step("社区同意，两名骑手除外", "The community agrees, except two riders, with reasons")
    story.teller.detail(*(f"  第{line}号 line {line}: {reason}" for line, reason in EXCEPTED.items()))


def street_stays_silent(story: Story, reference: str) -> datetime:
    """The second stage: the housing department agrees, the street says nothing and is reminded."""
    before = len(story.filing(reference)["letters"])
    story.round()
    see_all("who is asked", story.asked(reference), [STREET, HOUSING])
    story.say(HOUSING, story.asked(reference)[HOUSING], kind="agree")
    story.teller.step("住建部门同意，街道未答复", "Housing agrees; the street stays silent")
    stage = next(one for one in story.filing(reference)["stages"] if one["status"] == "open")
    reminders = [datetime.fromisoformat(rung["at"]) for rung in stage["rungs"] if rung["kind"] == "remind"]
    for at in reminders:
        story.world.clock.set_ahead(at)
        story.round()
    sent = [one for one in story.letters_since(reference, before) if one[0] == "reminder"]
    see("who is reminded", set(sent), {("reminder", STREET)})
    story.teller.step("到期前提醒街道", f"The street is reminded before the deadline ({len(sent)} letters)")
    return datetime.fromisoformat(stage["due_at"])


def escalate(story: Story, reference: str, due_at: datetime) -> None:
    """Time moves past the deadline: the lead department is asked in the street's stead."""
    before = len(story.filing(reference)["letters"])
    story.world.clock.set_ahead(due_at)
    story.round()
    story.teller.step("逾期升级督办", "The deadline passes: escalated to the lead department")
    see_all("who is asked", story.asked(reference), [LEAD])
    see("letters", set(story.letters_since(reference, before)), {("escalation", LEAD), ("late", STREET)})
    _tell_letters(story, reference, before)


def district_answers(story: Story, reference: str) -> None:
    """The district answers for the street, which decides the matter at the click."""
    given = story.say(LEAD, story.asked(reference)[LEAD], kind="agree_with_conditions", conditions="入区限速15公里")
    see("decided at the click", given["is_stage_settled"], expected=True)
    see("status", story.filing(reference)["status"], "decided")
    story.teller.step("区级代街道答复", "The district answers for the street: decided at the click")


def conclude(story: Story, reference: str) -> None:
    """The round brings the resolution, the passes and the letters."""
    before = len(story.filing(reference)["letters"])
    story.round()
    filing = story.filing(reference)
    resolution = filing["resolution"]
    see("status", filing["status"], "agreed")
    see("passes", filing["passes"], 111 - len(EXCEPTED))
    lines = story.ask(COMPANY, "GET", f"/filings/{reference}/lines", params={"limit": 2000})["rows"]
    out = {line["number"]: line["reason"] for line in lines if line["status"] == "excepted"}
    see("the excepted riders and why", out, EXCEPTED)
    story.teller.step(f"形成决议 {resolution['number']}", "The resolution, and passes for all but the excepted")
    story.teller.detail(f"{filing['passes']} 个通行码 passes; {len(out)} 名除外 excepted")
    told = {organisation for letter, organisation in story.letters_since(reference, before) if letter == "result"}
    see_all("who hears the result", told, [COMPANY, COMMUNITY, COUNCIL, STREET, HOUSING, LEAD])
    copies = {one for one in story.letters_since(reference, before) if one[0] == "copy"}
    see("the copy", copies, {("copy", MARKET)})
    page = story.world.http.get(f"/check/{resolution['check']}")
    see("the public check page", (page.status_code, resolution["number"] in page.text), (200, True))
    story.teller.step("结果通知各方", "Letters to the clerk and the parties; the public check page answers")
    _tell_letters(story, reference, before)


def verify(story: Story, reference: str) -> None:
    """Every letter lies in its mailbox, every round is a finished Prefect run, and the record verifies."""
    with story.world.database.reading() as session:
        found = verifying.verify(session)
        matter_id = UUID(story.filing(reference)["id"])
        statuses = {one.status for one in tables.of_matter(session, matter_id)}
    see("letters that have not arrived", statuses - {NoticeStatus.DELIVERED}, set())
    see("what is broken in the records", [str(one) for one in found.broken], [])
    for taken in story.ask(COMPANY, "GET", f"/filings/{reference}/rounds"):
        run = story.world.prefect.get(f"/flow_runs/{taken['run']}").json()
        see("the round's Prefect run", run["state_type"], "COMPLETED")
    count = len(story.ask(COMPANY, "GET", f"/filings/{reference}/timeline"))
    story.teller.step("记录核验无误", f"The record verifies: {found.entries} entries, {count} of this filing")


def _tell_letters(story: Story, reference: str, before: int) -> None:
    for (letter, organisation), count in Counter(story.letters_since(reference, before)).items():
        story.teller.detail(f"  {letter:<11} → {organisation}" + (f" ×{count}" if count > 1 else ""))
