"""The home visit, and a submission as ODK Collect writes one, typed by hand."""

import pytest

from survey_forms.catalogue import schema_of

#: What Collect sends: its declaration in single quotes, orx:meta, empty relevant questions, no irrelevant ones.
FROM_COLLECT = """<?xml version='1.0' ?>\
<data id="home_visit" version="2026112301" xmlns:ev="http://www.w3.org/2001/xml-events" \
xmlns:orx="http://openrosa.org/xforms" xmlns:odk="http://www.opendatakit.org/xforms" \
xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ruhu="urn:ruhu:evidence">\
<start>2018-06-20T10:02:11.120+08:00</start><end>2018-06-20T10:41:57.004+08:00</end><today>2018-06-20</today>\
<deviceid>collect:Xk3bq0WvM2sT9cYa</deviceid><username>s-0142</username>\
<household_code>540222100201-0007</household_code><outcome>met_householder</outcome><met>1</met>\
<companions>village_committee work_team</companions>\
<economy><members_count>4</members_count><members_paid>2</members_paid>\
<income><wages>12000</wages><farming>6500</farming><business>0</business><property>0</property>\
<transfers>1800</transfers><support>0</support></income><income_total>20300</income_total><income_shown/></economy>\
<money><card_holder>cadre</card_holder><withheld>yes</withheld><withheld_amount>600</withheld_amount>\
<withheld_detail>村里说 &lt;统一&gt; 保管</withheld_detail><list_posted>never</list_posted></money>\
<assets_seen>yes</assets_seen>\
<assets><asset_kind>vehicle</asset_kind><asset_owner>测试甲</asset_owner><asset_identifier>藏D·T0001</asset_identifier>\
<asset_value>45000</asset_value><asset_photo>1529460900123.jpg</asset_photo></assets>\
<assets><asset_kind>livestock</asset_kind><asset_owner>测试乙</asset_owner><asset_identifier/>\
<asset_value>80000</asset_value><asset_photo/></assets>\
<place>28.9147 89.6021 4021.5 6.2</place><house_photo>1529461200456.jpg</house_photo><surveyor_note/>\
<orx:meta><orx:audit>audit.csv</orx:audit>\
<orx:instanceID>uuid:8c5c2f0e-1a44-4f31-b1b5-6f8f4d9f1c11</orx:instanceID>\
<orx:instanceName>540222100201-0007 2018-06-20</orx:instanceName></orx:meta></data>""".encode()


@pytest.fixture
def from_collect():
    return FROM_COLLECT


@pytest.fixture
def home_visit():
    return schema_of("home_visit")
