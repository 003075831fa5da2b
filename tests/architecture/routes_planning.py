"""Examples of the routes of planning, for the walk."""

from built import OTHER_DICE
from example import Example, by_county

FRAME = by_county("frame_id", lambda built, county: built.frames[county])
DRAW = by_county("draw_id", lambda built, county: built.draws[county])

PLANNING: dict[tuple[str, str], Example] = {
    ("GET", "spot_check_planning.frame_one"): Example(**FRAME),
    ("GET", "spot_check_planning.frame_changes"): Example(**FRAME),
    ("GET", "spot_check_planning.plan_preview"): Example(**FRAME),
    ("GET", "spot_check_planning.plan_study"): Example(**FRAME),
    ("POST", "spot_check_planning.subround_freeze"): Example(**DRAW, json={}),
    ("POST", "spot_check_planning.subround_commit"): Example(**FRAME, json={}, also=(403,)),  # it is the county's own
    ("POST", "spot_check_planning.subround_result"): Example(
        **DRAW, json={"entropy": OTHER_DICE, "witnesses": "虚构村民，虚构代表"}, also=(403, 409)
    ),
    ("POST", "spot_check_planning.subround_assign"): Example(**DRAW, json={}, also=(403, 422)),
    ("GET", "spot_check_planning_pages.plan"): Example(secrets=("江孜",)),
    ("GET", "spot_check_planning_pages.study"): Example(
        query={},
        also=(404,),  # the walk's query cannot name a frame
    ),
    ("GET", "spot_check_planning_pages.frame"): Example(**FRAME),
    ("GET", "spot_check_planning_pages.changes"): Example(**FRAME),
    ("POST", "spot_check_planning_pages.begin_subround"): Example(**DRAW, form={}),
    ("POST", "spot_check_planning_pages.assign_subround"): Example(**DRAW, form={}, also=(403, 422)),
    ("POST", "spot_check_planning_pages.commit_subround"): Example(
        **FRAME, form={"entropy_rule": "dice:20"}, also=(403,)
    ),
    ("POST", "spot_check_planning_pages.throw_subround"): Example(
        **DRAW, form={"entropy": OTHER_DICE, "witnesses": "虚构村民，虚构代表"}, also=(403, 409)
    ),
}
