"""Examples of the routes of risk, for the walk."""

import world
from example import Example

CODE = {
    "inside": {"code": f"{world.VILLAGE}-0001"},
    "outside": {"code": f"{world.VILLAGES[4]}-0001"},
}
NOTE = "虚构的理由"
COUNTY_SECRET = f"{world.VILLAGE}-"

RISK: dict[tuple[str, str], Example] = {
    ("GET", "spot_check_risk_pages.risk"): Example(secrets=("江孜",)),
    ("GET", "spot_check_risk_pages.preview"): Example(query={"county": world.COUNTY}, secrets=("江孜",)),
    ("POST", "spot_check_risk_pages.adopt"): Example(
        form={"county": world.COUNTY, "w.vehicle": "7", "note": NOTE}, also=(403, 409)
    ),
    ("GET", "spot_check_risk_pages.households"): Example(query={"county": world.COUNTY}, secrets=(COUNTY_SECRET,)),
    ("GET", "spot_check_risk_pages.export"): Example(query={"county": world.COUNTY}, secrets=(COUNTY_SECRET,)),
    ("GET", "spot_check_risk_pages.refit"): Example(query={"county": world.COUNTY}, secrets=("江孜",)),
    ("GET", "spot_check_risk_pages.household"): Example(**CODE),
    ("GET", "spot_check_risk.risk_model_list"): Example(query={"county_code": world.COUNTY}, secrets=("测试county",)),
    ("GET", "spot_check_risk.risk_model_in_force"): Example(query={"county_code": world.COUNTY}),
    ("POST", "spot_check_risk.risk_model_adopt"): Example(
        json={"county_code": world.COUNTY, "weights": {"vehicle": 8}, "note": NOTE}, also=(403, 409)
    ),
    ("POST", "spot_check_risk.risk_preview"): Example(json={"county_code": world.COUNTY}),
    ("GET", "spot_check_risk.risk_household_list"): Example(
        query={"county_code": world.COUNTY}, secrets=(COUNTY_SECRET,)
    ),
    ("GET", "spot_check_risk.risk_household_one"): Example(**CODE),
    ("GET", "spot_check_risk.risk_refit"): Example(query={"county_code": world.COUNTY}),
}
