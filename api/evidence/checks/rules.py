"""The rules of field checks: what each sees, by which threshold, what it can mean and what else it can mean."""

from dataclasses import dataclass
from typing import Final, Literal

#: Grows with every change of what a rule does: then everything is judged again.
EDITION: Final = 4


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A number that a campaign may set.

    Attributes
    ----------
    key
        Unique over all rules.
    name, unit
        In Chinese, to be translated.
    default, least, most
        In that unit.
    """

    key: str
    name: str
    unit: str
    default: float
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One named rule.

    Attributes
    ----------
    key
        As in addresses and tables.
    name
        Some characters of Chinese.
    asks
        What is looked at, in one plain sentence.
    says
        The reason, filled with the numbers of a `FieldCheck`.
    innocent
        What else it can be: read this before accusing anybody.
    severity
        ``doubt``: hardly explained by chance. ``look``: often innocent, worth a look.
    """

    key: str
    name: str
    asks: str
    says: str
    innocent: str
    severity: Literal["look", "doubt"]
    limits: tuple[Limit, ...] = ()


def _limit(key: str, name: str, unit: str, default: float, between: tuple[float, float]) -> Limit:
    return Limit(key=key, name=name, unit=unit, default=default, least=between[0], most=between[1])


RULES: Final = (
    Rule(
        key="no-place", name="没有位置", severity="look",
        asks="入户、邻里访问或财产取证没有记录位置。",
        says="没有记录位置",
        innocent="山谷里或屋内收不到卫星信号；手机没有开启定位；按要求可以不记位置。",
    ),
    Rule(
        key="coarse-place", name="位置太粗", severity="look",
        asks="手机自报的位置误差大于限值，不足以说明人在现场。",
        says="位置误差 {accuracy_m} 米，大于 {limit_m} 米",
        innocent="屋内、峡谷或多云时卫星信号弱；旧手机本来就不准。",
        limits=(_limit("accuracy_m", "误差上限", "米", 50, (5, 5000)),),
    ),
    Rule(
        key="mock-place", name="疑为模拟位置", severity="doubt",
        asks="位置误差恰为 0：卫星定位不会这样，模拟定位的程序会。",
        says="位置误差为 0 米，真实定位不会如此",
        innocent="在地图上手工点选的位置误差也记为 0；个别手机不报误差。",
    ),
    Rule(
        key="far-from-home", name="离家太远", severity="doubt",
        asks="记录的位置离名册上这一户的位置太远。",
        says="离名册上的位置 {distance_m} 米，大于 {limit_m} 米",
        innocent="户里搬了家、在夏季牧场，或名册上的位置本身就错；在村委会约见的，应在备注中写明。",
        limits=(_limit("far_m", "距离上限", "米", 1000, (50, 100_000)),),
    ),
    Rule(
        key="outside-village", name="在本村之外", severity="look",
        asks="记录的位置落在这一户所属村的边界之外，但仍在本乡镇。",
        says="在本村边界外 {distance_m} 米，大于 {limit_m} 米",
        innocent="边界是近似的 (演示边界为虚构)；牧户的草场常跨村界。",
        limits=(_limit("outside_m", "越界距离上限", "米", 1000, (0, 100_000)),),
    ),
    Rule(
        key="outside-township", name="在本乡镇之外", severity="doubt",
        asks="记录的位置落在这一户所属乡镇的边界之外：比出村更可疑。",
        says="在本乡镇边界外 {distance_m} 米，大于 {limit_m} 米",
        innocent="边界是近似的 (演示边界为虚构)；夏季牧场在外乡镇；一家在县城或外地过冬。",
        limits=(_limit("outside_township_m", "越出乡镇的距离上限", "米", 1000, (0, 100_000)),),
    ),
    Rule(
        key="too-fast", name="赶路太快", severity="doubt",
        asks="同一人前后两次入户，相隔的时间不够走完两处之间的路。",
        says="与 {household} 相距 {distance_m} 米，间隔只有 {minutes} 分钟，需 {speed_kmh} 公里/小时，大于 {limit_kmh}",
        innocent="手机时钟被调过；两人用同一账号；其中一处位置有误。",
        limits=(
            _limit("speed_kmh", "速度上限", "公里/小时", 80, (5, 300)),
            _limit("fast_m", "不看的近距离", "米", 1000, (50, 50_000)),
        ),
    ),
    Rule(
        key="too-short", name="时间太短", severity="doubt",
        asks="见到了人的入户，从打开到完成表格的时间太短，问不完。",
        says="表格填了 {minutes} 分钟，少于 {limit_minutes} 分钟",
        innocent="先在纸上问完再录入；家庭情况极简单；手机时钟中途被校正。",
        limits=(_limit("short_minutes", "时间下限", "分钟", 8, (1, 120)),),
    ),
    Rule(
        key="rushed", name="一晃而过", severity="look",
        asks="手机的填写记录 (audit.csv) 显示，许多问题停留不到一秒。没有填写记录的不判断。",
        says="{count} 个问题中有 {quick} 个停留不到一秒 ({percent}%，达到 {limit_percent}%)",
        innocent="先在纸上问完再录入；多数问题不适用而略过；修改旧表时一路翻过。",
        limits=(_limit("rushed_percent", "不到一秒的比例", "%", 50, (10, 100)),),
    ),
    Rule(
        key="odd-order", name="顺序颠倒", severity="look",
        asks="手机的填写记录 (audit.csv) 显示，问题多次倒着表格的顺序回答。没有填写记录的不判断。",
        says="{count} 个问题中有 {backward} 次倒着回答 ({percent}%，达到 {limit_percent}%)",
        innocent="按谈话的顺序回答；先拍照，后提问。",
        limits=(_limit("odd_percent", "倒着回答的比例", "%", 30, (5, 100)),),
    ),
    Rule(
        key="dark", name="不在白天", severity="look",
        asks="按当地当天的日出日落，入户或邻里访问是在天黑时进行的。",
        says="开始于 {time}，当天日出 {sunrise}、日落 {sunset} (北京时间)",
        innocent="白天外出放牧、打工的人家只有晚上在家；手机时钟不准。",
        limits=(_limit("dark_minutes", "日出前、日落后宽限", "分钟", 60, (0, 360)),),
    ),
    Rule(
        key="outside-stage", name="不在工作期内", severity="look",
        asks="取证的日期在本次专项工作第一个阶段之前或最后一个阶段之后。",
        says="日期 {day} 不在 {first} 至 {last} 之内",
        innocent="手机日期不对；阶段日期尚未更新；限期整改的补查。",
    ),
    Rule(
        key="no-photo", name="没有房屋照片", severity="look",
        asks="见到了人的入户没有拍房屋照片。",
        says="没有房屋照片",
        innocent="户主不愿被拍；手机相机损坏；天黑。",
    ),
    Rule(
        key="photo-missing", name="照片没有传来", severity="look",
        asks="答卷写有照片，但到限期仍没有从手机传来。",
        says="{count} 张照片过了 {limit_days} 天仍未传来：{names}",
        innocent="没有网络，照片还在手机里；手机丢失或重装过。",
        limits=(_limit("missing_days", "等待天数", "天", 3, (0, 60)),),
    ),
    Rule(
        key="photo-time", name="照片时间不符", severity="look",
        asks="照片自带的拍摄时间与答卷的时间相差太多。",
        says="照片 {name} 拍摄时间与入户时间相差 {hours} 小时，大于 {limit_hours} 小时",
        innocent="相机时钟或时区不对；照片是此前来访时拍的。",
        limits=(_limit("photo_hours", "时间差上限", "小时", 12, (1, 720)),),
    ),
    Rule(
        key="photo-place", name="照片位置不符", severity="look",
        asks="照片自带的拍摄位置与答卷记录的位置相距太远。",
        says="照片 {name} 的位置与答卷的位置相距 {distance_m} 米，大于 {limit_m} 米",
        innocent="相机沿用了上一次定位；答卷的位置有误。",
        limits=(_limit("photo_m", "距离上限", "米", 1000, (50, 100_000)),),
    ),
    Rule(
        key="same-photo", name="照片重复使用", severity="doubt",
        asks="同一张照片 (文件完全相同，签名除外) 用在了不同的家庭。",
        says="照片 {name} 与 {household} 的照片是同一个文件",
        innocent="误选了相册里的旧照片；两户同院，只拍了一张。",
    ),
    Rule(
        key="alike-photo", name="照片几乎相同", severity="doubt",
        asks="照片与另一户的照片是同一画面：缩小、调亮或重新保存过的同一张；签名除外。裁剪过的看不出来。",
        says="照片 {name} 与 {household} 的照片画面几乎相同 (256 处中 {spots} 处不同，不超过 {limit_spots})",
        innocent="连拍的两张照片用在了两户；同样的安置房从同一角度拍摄。",
        limits=(_limit("alike_spots", "画面差异上限", "处", 10, (0, 40)),),
    ),
    Rule(
        key="screen-photo", name="截屏图片", severity="look",
        asks="照片文件自称截屏，或是没有相机信息的 PNG 图：手机相机不存这种文件。用相机翻拍屏幕的看不出来。",
        says="照片 {name} {sign}",
        innocent="照片经聊天软件转存；纸质材料用扫描软件拍成。",
    ),
    Rule(
        key="same-spot", name="多户一地", severity="doubt",
        asks="同一人在同一地点记录了多户的入户，而这些人家并不住在那里。",
        says="{count} 户记录在 {limit_m} 米之内 (至少 {limit_count} 户才提示)，例如 {household}",
        innocent="集中在村委会核对；一个院里住着几户；名册上的位置有误。",
        limits=(
            _limit("spot_m", "同一地点的范围", "米", 40, (5, 500)),
            _limit("spot_count", "至少户数", "户", 3, (2, 50)),
        ),
    ),
    Rule(
        key="copied-answers", name="答案雷同", severity="doubt",
        asks="同一人所填的两户，收入、支出、牲畜等数字几乎全部相同；常见的数字不计。",
        says="与 {household} 的 {compared} 个数字中有 {equal} 个相同 ({percent}%，达到 {limit_percent}%)",
        innocent="同一大家庭分户；当地按同一标准估算。",
        limits=(
            _limit("copied_percent", "相同比例", "%", 80, (50, 100)),
            _limit("copied_numbers", "至少相同的数字", "个", 5, (3, 20)),
        ),
    ),
    Rule(
        key="few-neighbours", name="邻里访问不足", severity="look",
        asks="这一户做了邻里访问，但访问的邻居少于要求的人数。",
        says="只访问了 {count} 位邻居，少于 {limit_count} 位",
        innocent="周围没有别的人家；其余访问尚未上传。",
        limits=(_limit("neighbours", "至少邻居数", "位", 2, (1, 10)),),
    ),
    Rule(
        key="neighbour-at-home", name="在本户家中访邻居", severity="look",
        asks="邻里访问的位置就是入户的位置：邻居可能当着本户的面回答，或者并没有去访问。",
        says="离入户位置 {distance_m} 米，小于 {limit_m} 米",
        innocent="邻居就住隔壁；邻居正好来串门；位置误差较大。",
        limits=(_limit("neighbour_m", "距离下限", "米", 15, (1, 200)),),
    ),
    Rule(
        key="neighbours-differ", name="与邻居所说不符", severity="look",
        asks="邻居说这一户有车或有店，入户却没有记录任何财产。",
        says="邻居说有 {told}，入户没有记录财产",
        innocent="邻居看到的是亲戚的车；邻里之间有矛盾。",
    ),
    Rule(
        key="records-differ", name="与部门信息不符", severity="look",
        asks="部门信息显示家庭成员名下有车辆、农机、企业或房产，入户却没有记录任何财产。",
        says="部门信息有 {count} 条 ({told})，入户没有记录财产",
        innocent="车已卖而没有过户；名字被人借用；部门信息过时。",
    ),
)  # fmt: skip
BY_KEY: Final = {rule.key: rule for rule in RULES}
LIMITS: Final = {limit.key: limit for rule in RULES for limit in rule.limits}
SEVERITIES: Final = {"doubt": "存疑", "look": "留意"}
