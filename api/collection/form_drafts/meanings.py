"""What the compiler says about a form, and what it means to whoever has to mend it. The first that fits is taken."""

from typing import Final

MEANINGS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"Unknown question type '(?P<kind>[^']*)'",
        "没有「{kind}」这种题型，请改成 XLSForm 的题型，如 text、integer、select_one",
    ),
    (
        r"List name not in (?:external )?choices sheet: (?P<list>.+)",
        "choices 工作表里没有选项列表「{list}」，请补上或改正题型里的列表名",
    ),
    (
        r"Could not find the name '(?P<name>[^']*)'",
        "引用了不存在的题目 {name}，请检查大括号里的名称",
    ),
    (
        r"The name '(?P<name>[^']*)' appears more than once",
        "引用的题目名称 {name} 不止一个，请改成不重复的名称",
    ),
    (
        r"Reference variables must start with",
        "引用写得不完整，应写成 $ 加大括号，括号里是题目名称",
    ),
    (
        r"must be unique within their nearest parent|Repeat names must",
        "名称重复，同一层里每个题目、分组的 name 都要不同",
    ),
    (
        r"case-insensitive match",
        "名称只有大小写不同，请改成容易区分的名称",
    ),
    (
        r"Names must begin with a letter or underscore",
        "名称 (name) 只能用字母、数字、下划线，并以字母或下划线开头，请改成英文或拼音",
    ),
    (
        r"Question or group with no name",
        "这一行没有 name，请填写题目名称 (英文字母)",
    ),
    (
        r"Question with no type",
        "这一行没有 type，请填写题型，或删去这一行",
    ),
    (
        r"has no label or hint|Group has no label|Repeat has no label",
        "没有 label，手机上会是空白，请填写题目文字",
    ),
    (
        r"Missing calculation",
        "calculate 题没有 calculation，请填写算式",
    ),
    (
        r"Choices should have a label",
        "选项没有 label，请填写选项文字",
    ),
    (
        r"Choices must have a name",
        "选项没有 name，请填写选项代码",
    ),
    (
        r"Choice names must be unique",
        "同一列表里的选项代码 (name) 重复，请改成不同的",
    ),
    (
        r"Choice names with spaces",
        "多选题的选项代码 (name) 不能有空格，请改用下划线",
    ),
    (
        r"Unmatched 'begin_(?P<kind>\w+)'",
        "begin_{kind} 没有对应的 end_{kind}，请补上",
    ),
    (
        r"Unmatched 'end_(?P<kind>\w+)'",
        "end_{kind} 前面没有对应的 begin_{kind}，请删去或补上",
    ),
    (
        r"sheet named 'survey'",
        "没有名为 survey 的工作表，请按 XLSForm 的格式命名工作表",
    ),
    (
        r"required column headers were not found",
        "工作表缺少必要的列 (type、name、label)，请补上表头",
    ),
    (
        r"Duplicate column header|different names for the same column",
        "有两列表头意思相同，请删去一列",
    ),
    (
        r"Invalid headers|column names are invalid|Column headers must not",
        "表头不正确，请对照 XLSForm 的列名修改",
    ),
    (
        r"max-pixels",
        "照片没有压缩，请在 parameters 填写 max-pixels=1600，省流量、发送快",
    ),
    (
        r"accepted parameter keys",
        "parameters 里有这种题型不支持的参数，请删去或改正",
    ),
    (
        r"'parameters' value is invalid|[Pp]arameter",
        "parameters 填写有误，请对照题型的参数修改",
    ),
    (
        r"save_to|'entities' sheet|[Ee]ntity",
        "实体 (entities) 的写法有误，请对照 XLSForm 的实体说明修改",
    ),
    (
        r"Audits must always",
        "audit 题不要填写 name",
    ),
    (
        r"supported file extensions",
        "外部选项文件名应以 .csv、.geojson 或 .xml 结尾",
    ),
    (
        r"no version",
        "没有版本号，请在 settings 工作表填写 version，建议用 {suggested}",
    ),
    (
        r"the result is not XML",
        '用了没有声明的前缀，请在 settings 的 namespaces 列填写 ruhu="urn:ruhu:evidence"',
    ),
    (
        r"did you mean (?P<near>'[^']*')",
        "有一列的表头不认识，手机上不会起作用，是不是 {near}？",
    ),
    (
        r"similar names were found",
        "工作表名称可能写错了，请对照 survey、choices、settings",
    ),
    (
        r"Row without name, text, or label",
        "这一行没有名称和文字，已跳过",
    ),
    (
        r"translation",
        "有的语言缺少文字，请补上翻译",
    ),
)
