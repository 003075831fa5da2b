"""The columns of a roll file: their headings in Chinese and English, and the other names that counties give them."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from api.registry.masking import mask_card, mask_identity, mask_phone


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        What the code calls it.
    heading, english : str
        As exports write it, and in English; both are read.
    aliases : tuple of str
        Other headings that are read.
    mask : callable or None
        How its values are shown; None if they are no secret.
    """

    name: str
    heading: str
    english: str
    aliases: tuple[str, ...] = ()
    mask: Callable[[str], str] | None = None


COLUMNS = (
    Column("code", "户编码", "household code", ("家庭编码", "家庭编号", "户号", "code")),
    Column("village_code", "村编码", "village code", ("村代码", "村居代码", "区划代码", "行政区划代码")),
    Column("township", "乡镇", "township", ("乡", "镇", "街道", "乡镇街道", "乡镇名称", "所属乡镇")),
    Column("village", "村", "village", ("村居", "村社区", "社区", "行政村", "村委会", "村名称", "所属村")),
    Column("serial", "户序号", "serial", ("村内序号", "村内户号")),
    Column("scheme", "保障类别", "scheme", ("低保类别", "低保类型", "城乡类别", "救助类别")),
    Column("name", "姓名", "name", ("成员姓名", "人员姓名", "户主姓名", "家庭成员姓名")),
    Column("relation", "与户主关系", "relation", ("关系", "家庭关系", "relation to householder")),
    Column(
        "identity", "身份证号", "identity number",
        ("身份证", "身份证号码", "公民身份号码", "证件号码", "identity", "id number"), mask_identity,
    ),
    Column("sex", "性别", "sex", ("gender",)),
    Column("birth_date", "出生日期", "birth date", ("出生年月", "出生年月日", "date of birth")),
    Column("health", "健康状况", "health", ("身体状况",)),
    Column("work", "就业状况", "work", ("劳动能力", "职业", "从业状况")),
    Column("receives", "是否保障对象", "receives", ("是否享受", "享受低保", "是否享受低保", "保障对象")),
    Column("persons", "保障人口", "persons", ("保障人数", "享受人数", "低保人数", "享受低保人数")),
    Column("benefit", "月保障金额", "monthly benefit", ("月保障金", "月低保金", "低保金额", "户月保障金")),
    Column("benefit_since", "享受起始日期", "benefit since", ("享受时间", "开始享受时间", "纳入时间", "批准日期")),
    Column("phone", "联系电话", "phone", ("电话", "手机", "手机号", "手机号码", "联系方式"), mask_phone),
    Column("bank_card", "银行卡号", "bank card", ("银行账号", "银行帐号", "一卡通账号", "卡号"), mask_card),
    Column("address", "家庭住址", "address", ("住址", "地址", "详细地址")),
    Column("registered_poor", "建档立卡", "registered poor", ("是否建档立卡", "建档立卡户", "脱贫户")),
    Column("income", "人均年收入", "income per person and year", ("家庭人均年收入", "年人均收入", "人均收入")),
    Column("longitude", "经度", "longitude", ("lon", "lng")),
    Column("latitude", "纬度", "latitude", ("lat",)),
)  # fmt: skip

BY_NAME = {column.name: column for column in COLUMNS}
# what a file cannot do without; the code may also be given as village and serial
REQUIRED = ("scheme", "name", "benefit")
WAYS_TO_A_CODE = (("code",), ("village_code", "serial"), ("township", "village", "serial"))


def normal_heading(text: object) -> str:
    """Return a heading as it is compared: without spaces, units in brackets, stars and differences of width or case.

    Examples
    --------
    >>> normal_heading(" 月保障金额（元）* "), normal_heading("Household_Code")
    ('月保障金额', 'householdcode')
    """
    plain = unicodedata.normalize("NFKC", "" if text is None else str(text)).lower()
    return re.sub(r"\([^)]*\)|[\s_*:、/.'-]", "", plain)


HEADINGS = {
    normal_heading(heading): column.name
    for column in COLUMNS
    for heading in (column.heading, column.english, *column.aliases, column.name)
}
