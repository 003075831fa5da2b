"""The home visit, and a submission as ODK Collect writes one, typed by hand."""

import pytest

from survey_forms.catalogue import schema_of

#: What Collect sends: its declaration in single quotes, orx:meta, empty relevant questions, no irrelevant ones.
FROM_COLLECT = """<?xml version='1.0' ?>\
<data id="home_visit" version="2026112701" xmlns:ev="http://www.w3.org/2001/xml-events" \
xmlns:orx="http://openrosa.org/xforms" xmlns:odk="http://www.opendatakit.org/xforms" \
xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ruhu="urn:ruhu:evidence" \
xmlns:entities="http://www.opendatakit.org/xforms/entities">\
<start>2018-06-20T10:02:11.120+08:00</start><end>2018-06-20T10:41:57.004+08:00</end><today>2018-06-20</today>\
<deviceid>collect:Xk3bq0WvM2sT9cYa</deviceid><username>s-0142</username>\
<which><household>6f0f2b0c-1a44-4f31-b1b5-6f8f4d9f1c11</household></which>\
<household_code>540222100201-0007</household_code><outcome>met_householder</outcome><met>1</met>\
<companions>village_committee work_team</companions>\
<economy><members_count>2</members_count>\
<members><member><member_name>测试甲</member_name><relation>householder</relation><birth_year>1961</birth_year>\
<age>57</age><health>chronic</health><disability>none</disability><work>farming</work>\
<public_payroll>no</public_payroll><registered_elsewhere>no</registered_elsewhere></member></members>\
<members><member><member_name>测试乙</member_name><relation>grandchild</relation><birth_year>2009</birth_year>\
<age>9</age><health>good</health><disability>grade_3</disability>\
<registered_elsewhere>yes</registered_elsewhere></member></members>\
<members_paid>2</members_paid><income_sources>wages crops transfers</income_sources>\
<income><wages>12000</wages><crops>6500</crops><transfers>1800</transfers></income>\
<farming>6500</farming><income_total>20300</income_total><income_per_person>10150</income_per_person><income_shown/>\
<spending><spending_living>9000</spending_living><spending_medical>4200</spending_medical>\
<spending_education>0</spending_education><spending_other>0</spending_other></spending>\
<holdings>cropland yaks</holdings><counts><cropland_mu>7.5</cropland_mu><yaks>11</yaks></counts>\
<dwelling><housing>own</housing><structure>earth</structure><housing_m2>80</housing_m2><condition>worn</condition></dwelling>\
<registration>none</registration></economy>\
<assets_seen>yes</assets_seen>\
<assets><asset_kind>vehicle</asset_kind><asset_owner>测试甲</asset_owner><asset_identifier>藏D·T0001</asset_identifier>\
<asset_value>45000</asset_value><asset_photo>1529460900123.jpg</asset_photo></assets>\
<assets><asset_kind>livestock</asset_kind><asset_owner>测试乙</asset_owner><asset_identifier/>\
<asset_value>80000</asset_value><asset_photo/></assets>\
<money><receives>yes</receives><received><received_amount>610</received_amount><received_every>quarter</received_every>\
<received_by>cash</received_by></received><other_help>medical goods</other_help><card_holder>cadre</card_holder>\
<withheld>yes</withheld><withheld_amount>600</withheld_amount>\
<withheld_detail>村里说 &lt;统一&gt; 保管</withheld_detail><list_posted>never</list_posted>\
<phone>13900000000</phone></money>\
<entitlement><scheme_listed>rural</scheme_listed><scheme>rural</scheme><standard/><gap/><provisional/>\
<provisional_missing/></entitlement>\
<household_signs>signs</household_signs><household_signature>1529461100111.png</household_signature>\
<surveyor_signature>1529461100222.png</surveyor_signature><second_surveyor/>\
<inside_photo/><house_photo>1529461200456.jpg</house_photo><place>28.9147 89.6021 4021.5 6.2</place><surveyor_note/>\
<proposed_place>28.9147 89.6021 4021.5 6.2</proposed_place><proposed_persons>2</proposed_persons>\
<orx:meta><entities:entity dataset="households" id="6f0f2b0c-1a44-4f31-b1b5-6f8f4d9f1c11" update="1" \
baseVersion="3" trunkVersion="" branchId=""/><orx:audit>audit.csv</orx:audit>\
<orx:instanceID>uuid:8c5c2f0e-1a44-4f31-b1b5-6f8f4d9f1c11</orx:instanceID>\
<orx:instanceName>540222100201-0007 2018-06-20</orx:instanceName></orx:meta></data>""".encode()


@pytest.fixture
def from_collect():
    return FROM_COLLECT


@pytest.fixture
def home_visit():
    return schema_of("home_visit")
