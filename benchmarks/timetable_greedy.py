"""A careful greedy timetable, to measure the solver against: by hand one would hardly do better.

Courses in order of scarcity; each session goes where it is worth most by the very points that the solver uses, those for riders
who can come to the course's other sessions included, and leaves days for the ones after it. Then what has no place is
made room for: a course in its way is taken out, the one without a place put in, the other put back, and so on as long as the
timetable gains. At last each course is taken out and put back where it is now worth most.
"""

from tasks.timetabling.grid import CourseGrid, Grid, Spot
from tasks.timetabling.points import Points
from tasks.timetabling.start import begin, place

PASSES = 3


class Greedy:
    """One timetable, bettered by hand."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.points = Points(grid)
        self.state = begin(grid, self.points)
        self.value = self.points.total(self.state.chosen)

    def run(self) -> dict[int, Spot]:
        """Passes of repair and of putting back, as long as they gain."""
        for _ in range(PASSES):
            before = self.value
            for course in self.grid.courses:
                if any(one.index not in self.state.chosen for one in course.sessions):
                    self._make_room(course)
            for course in self.grid.courses:
                self._try([course], [course])
            if self.value == before:
                break
        return self.state.chosen

    def _make_room(self, course: CourseGrid) -> None:
        """Take out one course after another that shares a trainer or a place that fits, until it helps."""
        fits = course.sessions[0].sites.any(axis=(1, 2)) if course.sessions else ()
        for other in self.grid.courses:
            spots = [self.state.chosen[one.index] for one in other.sessions if one.index in self.state.chosen]
            in_way = set(other.trainers) & set(course.trainers) or any(fits[spot.site] for spot in spots)
            if other is not course and in_way and self._try([course, other], [course, other]):
                return

    def _try(self, out: list[CourseGrid], back: list[CourseGrid]) -> bool:
        """Take these out and put them back in this order; kept if the timetable gains."""
        indices = [session.index for course in out for session in course.sessions]
        were = {index: self.state.chosen[index] for index in indices if index in self.state.chosen}
        for index in were:
            self.state.remove(index)
        for course in back:
            place(self.state, self.points, course)
        value = self.points.total(self.state.chosen)
        if value > self.value:
            self.value = value
            return True
        for index in indices:
            self.state.remove(index)
        for index, spot in were.items():
            self.state.add(index, spot)
        return False
